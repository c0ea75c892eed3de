import type { Answer } from '../../model/probe.ts';
import { networkFailure } from '../reasons/network.ts';
import { oneLine } from '../reasons/one-line.ts';

/** Why a request had no answer, in words. Of the URL only host and port are told: the rest may hold a secret. */
export function httpFailure(error: unknown, url: string): Exclude<Answer, { good: true }> {
  const where = hostAndPort(url);
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'HPE_HEADER_OVERFLOW') return { good: false, reason: `headers of more than 16 KiB from ${where}` };
  if (code.startsWith('HPE_'))
    return { good: false, reason: oneLine(`not HTTP what ${where} sent: ${message.replace(/^Parse Error: /, '')}`) };
  if (code === 'EPROTO') return { good: false, reason: `no TLS with ${where}` };
  return networkFailure(error, where);
}

function hostAndPort(url: string): string {
  const { host, port, protocol } = new URL(url);
  return port ? host : `${host}:${protocol === 'https:' ? 443 : 80}`;
}
