import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { formatAddress, parseAddress } from '../links/address.ts';
import { RefusedListen } from '../links/listen.ts';
import { ApiError } from './api-error.ts';

/**
 * Where a proxy is to listen, with a name made a number, so that two ways to write it can be compared. Without a host it
 * is this machine only: `0.0.0.0:80` or `[::]:80` are to be written out.
 * @throws ApiError as Toxiproxy says it
 */
export async function resolveListen(text: string): Promise<string> {
  if (text === '') return '127.0.0.1:0';
  const address = parseAddress(text.startsWith(':') ? `127.0.0.1${text}` : text);
  if (!address) {
    const port = /:([^:\]]*)$/.exec(text)?.[1];
    throw new ApiError(port ? `address ${port}: invalid port` : `address ${text}: missing port in address`, 500);
  }
  const { host, port } = address;
  const found = isIP(host) ? host : await numberOf(host);
  return formatAddress({ host: found, port });
}

async function numberOf(host: string): Promise<string> {
  try {
    return (await lookup(host, { order: 'ipv4first' })).address;
  } catch {
    throw new ApiError(`lookup ${host}: no such host`, 500);
  }
}

/** As Go would say it: clients look for these words. */
export function listenError(listen: string, error: unknown): Error {
  if (error instanceof ApiError) return new ApiError(`listen tcp: ${error.message}`, error.status);
  if (!(error instanceof RefusedListen)) return error as Error;
  const words = error.code === undefined ? undefined : goWords[error.code];
  return new ApiError(words === undefined ? error.message : `listen tcp ${listen}: bind: ${words}`, 500);
}

const goWords: Record<string, string> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
};
