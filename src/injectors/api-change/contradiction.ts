import type { JsonObject, JsonValue } from '../../model/json.ts';
import { refuseHeader } from '../http-requests/headers.ts';
import { contradictsEvery } from '../http-requests/match.ts';

/** These say where a message ends, and how the two sides go on from there: changed, they would break the connection. */
const framing = ['connection', 'content-length', 'transfer-encoding', 'upgrade', 'expect', 'trailer', 'te'];

/** @returns what does not go together in the parameters of an api-change */
export function contradiction(written: JsonObject): string | undefined {
  const changes = [written.request, written.response].filter(isMap);
  if (changes.length === 0) return 'nothing is changed: give a "request", a "response" or both';
  const headers = changes.flatMap(headersIn);
  if (headers.length === 0) return 'nothing is changed: give headers to "set", "add" or "remove"';
  for (const [name, value] of headers) {
    const refusal = framing.includes(name.toLowerCase())
      ? `the header ${name} frames the message: it cannot be changed`
      : refuseHeader(name, value, []);
    if (refusal !== undefined) return refusal;
  }
  return contradictsEvery('rate')(written);
}

function headersIn({ set, add, remove }: JsonObject): [name: string, value: JsonValue][] {
  const removed = Array.isArray(remove) ? remove : [];
  return [
    ...[set, add].filter(isMap).flatMap((one) => Object.entries(one)),
    ...removed.flatMap((name): [string, JsonValue][] => (typeof name === 'string' ? [[name, '']] : [])),
  ];
}

const isMap = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
