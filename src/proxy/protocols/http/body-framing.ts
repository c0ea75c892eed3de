import { type Head, hasWord, type RequestLine, type StatusLine } from './head.ts';

/** How the end of a body is found. `tunnel`: there are no messages after this head any more. */
export type BodyFraming =
  | { kind: 'none' }
  | { kind: 'length'; bytes: number }
  | { kind: 'chunked' }
  | { kind: 'until-close' }
  | { kind: 'tunnel' };

const none: BodyFraming = { kind: 'none' };

/** @returns `undefined` when nobody can tell where it ends @see RFC 9112, section 6.3 */
export function requestBody({ fields }: Head<RequestLine>): BodyFraming | undefined {
  const coding = fields.get('transfer-encoding');
  if (coding !== undefined) return isChunkedLast(coding) ? { kind: 'chunked' } : undefined;
  return byLength(fields.get('content-length'), none);
}

/**
 * @param request what it answers; `undefined` when nothing was asked
 * @returns `undefined` when nobody can tell where it ends
 * @see RFC 9112, section 6.3
 */
export function answerBody({ start, fields }: Head<StatusLine>, request?: RequestLine): BodyFraming | undefined {
  const { status } = start;
  if (status === 101) return { kind: 'tunnel' };
  if (status < 200 || status === 204 || status === 304 || request?.method === 'HEAD') return none;
  if (request?.method === 'CONNECT' && status < 300) return { kind: 'tunnel' };
  const coding = fields.get('transfer-encoding');
  if (coding !== undefined) return { kind: isChunkedLast(coding) ? 'chunked' : 'until-close' };
  return byLength(fields.get('content-length'), { kind: 'until-close' });
}

const isChunkedLast = (coding: string): boolean => hasWord(coding.split(',').at(-1), 'chunked');

/** The same length said several times is one length. */
function byLength(written: string | undefined, absent: BodyFraming): BodyFraming | undefined {
  if (written === undefined) return absent;
  const lengths = new Set(written.split(',').map((one) => one.trim()));
  const [length] = lengths;
  if (lengths.size !== 1 || length === undefined || !/^[0-9]+$/.test(length)) return undefined;
  const bytes = Number(length);
  if (!Number.isSafeInteger(bytes)) return undefined;
  return bytes === 0 ? none : { kind: 'length', bytes };
}
