/** What may be spoken on a link. The proxy understands all but `tcp`, which is plain bytes, and `udp`, plain datagrams. */
export const protocolNames = ['tcp', 'udp', 'postgres', 'mysql', 'redis', 'http', 'http2'] as const;
export type ProtocolName = (typeof protocolNames)[number];
/** Those over TCP. */
export type StreamProtocolName = Exclude<ProtocolName, 'udp'>;

export const isProtocolName = (text: string | undefined): text is ProtocolName =>
  (protocolNames as readonly (string | undefined)[]).includes(text);
