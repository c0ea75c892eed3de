import { type Address, type Endpoint, parseAddress, parseEndpoint } from './address.ts';

/** An address that cannot be listened on; the message says why. */
export class RefusedListen extends Error {
  /** Why, in the system's word; absent when it is no address. */
  readonly code: string | undefined;
  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

type Side = 'listen' | 'upstream';

/** @throws RefusedListen when it is none */
export const addressOf = (text: string, what: Side): Address => known(parseAddress(text), text, what);

/** Of streams, which go through Unix sockets as well. @throws RefusedListen when it is none */
export const endpointOf = (text: string, what: Side): Endpoint => known(parseEndpoint(text), text, what);

function known<T>(found: T | undefined, text: string, what: Side): T {
  if (found !== undefined) return found;
  throw new RefusedListen(
    `${what}: "${text}" is not an address: expected host:port, as in 127.0.0.1:5432 or [::1]:5432`,
  );
}

/** Why an address cannot be listened on. */
export function refusal(address: string, error: NodeJS.ErrnoException): RefusedListen {
  const known = (address.startsWith('unix:') ? reasonsOfFiles : reasons)[error.code ?? ''];
  const why = known ? `${known} (${error.code})` : error.message;
  return new RefusedListen(`cannot listen on ${address}: ${why}`, error.code);
}

const reasonsOfFiles: Record<string, string> = {
  EADDRINUSE: 'there is a file of that name already',
  EACCES: 'its folder is not there, or may not be written in',
};
const reasons: Record<string, string> = {
  EADDRINUSE: 'another process uses that port already',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'ports below 1024 need privileges',
  ENOTFOUND: 'the host name is unknown',
};
