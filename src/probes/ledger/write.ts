import type { Duration } from '../../model/duration.ts';
import type { Decoded } from '../../model/field.ts';
import type { Answer } from '../../model/probe.ts';
import { fillIn } from '../fill-in.ts';
import { openHttpClient } from '../http/client.ts';
import { httpFailure } from '../http/failure.ts';
import type { httpExpectation } from '../http/fields.ts';
import { judgeBy } from '../http/judge.ts';
import { judgedBytes } from '../http/session.ts';
import { openQuestions } from './database.ts';
import type { Write } from './way.ts';

/** Writes entries into the system. */
export interface Writer {
  /** Writes one, once. Good: it is acknowledged. Never rejects. */
  write(id: string, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

/** @throws when an expectation, or a URL, is none */
export async function openWriter(
  write: Write,
  expect: Decoded<typeof httpExpectation>,
  timeout: Duration,
): Promise<Writer> {
  if (write.http) return await openHttpWriter(write.http, expect);
  const questions = await openQuestions(write, timeout);
  return {
    async write(entry, signal) {
      try {
        await questions.ask({ entry }, signal);
        return { good: true };
      } catch (error) {
        return questions.failure(error);
      }
    },
    close: () => questions.close(),
  };
}

async function openHttpWriter(
  http: NonNullable<Write['http']>,
  expect: Decoded<typeof httpExpectation>,
): Promise<Writer> {
  const judge = await judgeBy(expect);
  const client = openHttpClient(http);
  return {
    async write(entry, signal) {
      try {
        return judge(await client.ask(fillIn(http, { entry }), signal, judgedBytes));
      } catch (error) {
        return httpFailure(error, http.url);
      }
    },
    close: async () => client.close(),
  };
}
