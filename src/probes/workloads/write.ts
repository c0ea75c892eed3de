import type { Duration } from '../../model/duration.ts';
import type { Decoded } from '../../model/field.ts';
import type { JsonValue } from '../../model/json.ts';
import type { Answer } from '../../model/probe.ts';
import { type DatabaseWays, openQuestions } from '../databases/questions.ts';
import { fillIn } from '../fill-in.ts';
import { openHttpClient } from '../http/client.ts';
import { httpFailure } from '../http/failure.ts';
import type { httpExpectation } from '../http/fields.ts';
import { judgeBy } from '../http/judge.ts';
import { judgedBytes } from '../http/session.ts';

interface HttpWrite {
  url: string;
  method: string;
  headers?: Record<string, string>;
  body?: JsonValue;
  insecure: boolean;
}

/** Changes something in the system. */
export interface Writer {
  /**
   * Asks for it, once. Good: it is acknowledged. Never rejects.
   * @param given what is filled in: letters, digits and hyphens only
   */
  write(given: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

/** @throws when an expectation, or a URL, is none */
export async function openWriter(
  way: DatabaseWays & { http?: HttpWrite },
  expect: Decoded<typeof httpExpectation>,
  timeout: Duration,
): Promise<Writer> {
  if (way.http) return await openHttpWriter(way.http, expect);
  const questions = await openQuestions(way, timeout);
  return {
    async write(given, signal) {
      try {
        await questions.ask(given, signal);
        return { good: true };
      } catch (error) {
        return questions.failure(error);
      }
    },
    close: () => questions.close(),
  };
}

async function openHttpWriter(http: HttpWrite, expect: Decoded<typeof httpExpectation>): Promise<Writer> {
  const judge = await judgeBy(expect);
  const client = openHttpClient(http);
  return {
    async write(given, signal) {
      try {
        return judge(await client.ask(fillIn(http, given), signal, judgedBytes));
      } catch (error) {
        return httpFailure(error, http.url);
      }
    },
    close: async () => client.close(),
  };
}
