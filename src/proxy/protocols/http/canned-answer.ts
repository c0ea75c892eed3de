import type { Item } from '../../flow/item.ts';
import type { Exchange } from './exchange.ts';

/** An answer that no server gave. */
export interface CannedAnswer {
  /** 200 to 599. */
  status: number;
  /** Without those that frame the message. */
  fields: [name: string, value: string][];
  body: Buffer;
}

export const continueBytes = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');

/** The answer as its client gets it, framed as its request allows: none has a body after HEAD, with 204 or with 304. */
export function cannedItems({ status, fields, body }: CannedAnswer, exchange: Exchange): Item[] {
  const { request, keepsConnection, isFollowed } = exchange;
  const isBodiless = status === 204 || status === 304;
  const lines = [
    `HTTP/1.1 ${status} ${reasons[status] ?? ''}`,
    `Date: ${new Date().toUTCString()}`,
    ...fields.map(([name, value]) => `${name}: ${value}`),
    ...(isBodiless ? [] : [`Content-Length: ${body.length}`]),
    ...connectionField(request.minorVersion, keepsConnection),
  ];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8');
  const answers = [{ offset: 0, exchange }];
  if (isBodiless || request.method === 'HEAD') return [{ kind: 'bytes', bytes: head, answers }];
  if (!isFollowed || body.length === 0) return [{ kind: 'bytes', bytes: Buffer.concat([head, body]), answers }];
  return [
    { kind: 'bytes', bytes: head, answers },
    { kind: 'bytes', bytes: body, bodyOf: exchange },
  ];
}

function connectionField(minorVersion: number, isKept: boolean): string[] {
  if (!isKept) return ['Connection: close'];
  return minorVersion >= 1 ? [] : ['Connection: keep-alive'];
}

/** What people are used to read; a reason may be empty. */
const reasons: Record<number, string> = {
  200: 'OK',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  425: 'Too Early',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  507: 'Insufficient Storage',
};
