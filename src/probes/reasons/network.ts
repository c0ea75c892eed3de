import type { Answer } from '../../model/probe.ts';
import { oneLine } from './one-line.ts';

/** What we lack ourselves when a connection fails so: it says nothing of the system. */
const ownLacks = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);

/** Why a question over the network had no answer, in words. `where` is `host:port`, or the path of a socket. */
export function networkFailure(error: unknown, where: string): Exclude<Answer, { good: true }> {
  const { code = '', message } = failure(error);
  if (ownLacks.has(code))
    return { unmeasured: true, reason: `this machine has nothing left to connect with (${code}): ${where}` };
  return { good: false, reason: oneLine(inWords(code, where) ?? `${message} (${where})`) };
}

function inWords(code: string, where: string): string | undefined {
  switch (code) {
    case 'ECONNREFUSED':
      return `connection refused ${where}`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `connection closed by ${where} before it answered`;
    case 'ETIMEDOUT':
      return `no connection to ${where}: nothing came back`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `no way to ${where} (${code})`;
    case 'EACCES':
    case 'EPERM':
      return `not allowed to connect to ${where} (${code})`;
    case 'ENOENT':
      return `there is no socket ${where}`;
    case 'ENOTFOUND':
      return `there is no host of this name: ${where}`;
    case 'EAI_AGAIN':
      return `the name cannot be looked up now: ${where}`;
    default:
      return undefined;
  }
}

/** Of a host with several addresses each was tried: the first tells. */
function failure(error: unknown): { code?: string | undefined; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return failure(error.errors[0]);
  return error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) };
}
