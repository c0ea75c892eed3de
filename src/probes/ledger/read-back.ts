import type { Duration } from '../../model/duration.ts';
import type { Decoded } from '../../model/field.ts';
import type { JsonValue } from '../../model/json.ts';
import { openQuestions } from '../databases/questions.ts';
import { type HttpAnswer, openHttpClient } from '../http/client.ts';
import { httpFailure } from '../http/failure.ts';
import { compileJsonPath, type JsonPath } from '../json/compile.ts';
import { oneLine } from '../reasons/one-line.ts';
import type { ledgerSettings } from './fields.ts';

type Read = Decoded<typeof ledgerSettings>['read'];

/** Reads the ids of all that the system holds, in the order in which it tells them. */
export interface ReadBack {
  /** Rejects with one line on why it could not be read. */
  ids(signal: AbortSignal): Promise<string[]>;
  close(): Promise<void>;
}

/** A day of entries, ten a second, takes some 50 MB. */
const mostBytes = 128 * 1024 * 1024;

/** @throws when the path is no JSONPath, or a URL none */
export async function openReadBack(read: Read, timeout: Duration): Promise<ReadBack> {
  if (read.http) return await openHttpReadBack(read.http, read.ids!);
  const questions = await openQuestions(read, timeout);
  return {
    async ids(signal) {
      try {
        const rows = await questions.ask({}, signal);
        // A table has the ids in its first column; in what Redis tells they may stand anywhere.
        const texts = read.redis ? rows.flat() : rows.map(([first]) => first ?? null);
        return texts.filter((one) => one !== null);
      } catch (error) {
        signal.throwIfAborted();
        throw new Error(questions.failure(error).reason);
      }
    },
    close: () => questions.close(),
  };
}

async function openHttpReadBack(http: NonNullable<Read['http']>, ids: string): Promise<ReadBack> {
  const path = await compileJsonPath(ids);
  const client = openHttpClient(http);
  return {
    async ids(signal) {
      const answer = await client.ask(http, signal, mostBytes).catch((error: unknown) => {
        signal.throwIfAborted();
        throw new Error(httpFailure(error, http.url).reason);
      });
      return select(path, parsed(answer)).map(text);
    },
    close: async () => client.close(),
  };
}

function parsed({ status, body, isWhole }: HttpAnswer): JsonValue {
  const said = () => body.subarray(0, 400).toString('utf8') || 'nothing';
  if (status < 200 || status > 299) throw new Error(oneLine(`status ${status}, expected 2xx: ${said()}`));
  if (!isWhole) throw new Error('the answer is longer than 128 MiB');
  try {
    return JSON.parse(body.toString('utf8')) as JsonValue;
  } catch {
    throw new Error(oneLine(`expected JSON, got ${said()}`));
  }
}

function select(path: JsonPath, document: JsonValue): JsonValue[] {
  try {
    return path(document);
  } catch (error) {
    throw new Error(oneLine(`the ids could not be selected: ${(error as Error).message}`));
  }
}

function text(id: JsonValue): string {
  if (typeof id === 'string') return id;
  if (typeof id === 'number') return String(id);
  throw new Error(oneLine(`an id is neither a text nor a number: ${JSON.stringify(id)}`));
}
