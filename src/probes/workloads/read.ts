import type { Duration } from '../../model/duration.ts';
import type { JsonValue } from '../../model/json.ts';
import type { Answer } from '../../model/probe.ts';
import { openQuestions } from '../databases/questions.ts';
import { openHttpClient } from '../http/client.ts';
import { httpFailure } from '../http/failure.ts';
import { judgedBytes } from '../http/session.ts';
import { compileJsonPath } from '../json/compile.ts';
import { oneLine } from '../reasons/one-line.ts';
import type { Reading } from './ways.ts';

/** Reads one value. */
export interface Reader {
  /** `null`: there is none. Rejects with what `failure` puts in words. */
  read(signal: AbortSignal): Promise<string | null>;
  failure(error: unknown): Exclude<Answer, { good: true }>;
  close(): Promise<void>;
}

/** @throws when the path is no JSONPath, or a URL none */
export async function openReader(reading: Reading, timeout: Duration): Promise<Reader> {
  if (reading.http) return await openHttpReader(reading.http, reading.value);
  const questions = await openQuestions(reading, timeout);
  return {
    read: async (signal) => (await questions.ask({}, signal))[0]?.[0] ?? null,
    failure: (error) => questions.failure(error),
    close: () => questions.close(),
  };
}

/** The answer came, and says no. */
class Refused extends Error {}

async function openHttpReader(http: NonNullable<Reading['http']>, value: string | undefined): Promise<Reader> {
  const path = value === undefined ? undefined : await compileJsonPath(value);
  const client = openHttpClient(http);
  return {
    async read(signal) {
      const { status, body } = await client.ask(http, signal, judgedBytes);
      const text = body.toString('utf8');
      if (status < 200 || status > 299) throw new Refused(`status ${status}, expected 2xx: ${text || 'nothing'}`);
      return path ? written(path(parsed(text))[0]) : text.trim();
    },
    failure: (error) =>
      error instanceof Refused ? { good: false, reason: oneLine(error.message) } : httpFailure(error, http.url),
    close: async () => client.close(),
  };
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new Refused(`expected JSON, got ${text || 'nothing'}`);
  }
}

const written = (value: JsonValue | undefined): string | null =>
  value === undefined || value === null ? null : typeof value === 'string' ? value : JSON.stringify(value);
