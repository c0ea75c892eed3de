/** What may be spoken on a link. The proxy understands all but `tcp`, which is plain bytes. */
export const protocolNames = ['tcp', 'postgres', 'mysql', 'redis', 'http', 'http2'] as const;
export type ProtocolName = (typeof protocolNames)[number];

export const isProtocolName = (text: string | undefined): text is ProtocolName =>
  (protocolNames as readonly (string | undefined)[]).includes(text);
