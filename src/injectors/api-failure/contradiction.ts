import type { JsonObject } from '../../model/json.ts';
import { refuseHeader } from '../http-requests/headers.ts';
import { contradictsEvery } from '../http-requests/match.ts';

/** These say where a message ends and what becomes of its connection: they are ours. */
const framing = ['connection', 'content-length', 'transfer-encoding', 'date'];

/** @returns what does not go together in the parameters of an api-failure */
export function contradiction(written: JsonObject): string | undefined {
  return (
    contradictsEvery('rate')(written) ??
    answerAndAbort(written) ??
    grpcAndAnswer(written) ??
    (isMap(written.headers) ? badHeader(written.headers) : undefined)
  );
}

function answerAndAbort(written: JsonObject): string | undefined {
  const answer = ['status', 'body', 'headers', 'retryAfter'].filter((key) => Object.hasOwn(written, key));
  if (!Object.hasOwn(written, 'abort') || answer.length === 0) return undefined;
  return `a request that is aborted gets no answer of ours: leave "abort" out, or ${answer.map((key) => `"${key}"`).join(' and ')}`;
}

function grpcAndAnswer(written: JsonObject): string | undefined {
  const other = ['status', 'body', 'retryAfter', 'abort'].find((key) => Object.hasOwn(written, key));
  return Object.hasOwn(written, 'grpc') && other !== undefined
    ? `"grpc" and "${other}" both say how requests fail: leave one of them out`
    : undefined;
}

function badHeader(headers: JsonObject): string | undefined {
  for (const [name, value] of Object.entries(headers)) {
    const refusal = refuseHeader(name, value, framing);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

const isMap = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
