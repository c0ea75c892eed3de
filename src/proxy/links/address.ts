export interface Address {
  host: string;
  port: number;
}

/** Where connections are made: an address, or a Unix socket. */
export type Endpoint = Address | { path: string };

const shape = /^(?:\[([0-9a-fA-F:.%a-z]+)\]|([^\s:[\]]+)):([0-9]{1,5})$/;

/** Reads `127.0.0.1:80`, `localhost:80`, `[::1]:80`. @returns `undefined` when the text is no address */
export function parseAddress(text: string): Address | undefined {
  const match = shape.exec(text);
  const port = Number(match?.[3]);
  return match && port <= 65_535 ? { host: match[1] ?? match[2]!, port } : undefined;
}

export const formatAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

const unixSocket = /^unix:(\/.+)$/s;

/** Likewise, or `unix:/run/app.sock`. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const path = unixSocket.exec(text)?.[1];
  return path === undefined ? parseAddress(text) : { path };
}

export const formatEndpoint = (endpoint: Endpoint): string =>
  'path' in endpoint ? `unix:${endpoint.path}` : formatAddress(endpoint);
