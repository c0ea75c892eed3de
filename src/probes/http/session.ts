import type { Decoded } from '../../model/field.ts';
import type { ProbeSession } from '../../model/probe.ts';
import { openHttpClient } from './client.ts';
import { httpFailure } from './failure.ts';
import type { httpExpectation, httpSettings } from './fields.ts';
import { judgeBy } from './judge.ts';

/** So much of a body is kept to be judged; the rest is read and dropped. */
export const judgedBytes = 1024 * 1024;

export async function openHttp(
  settings: Decoded<typeof httpSettings>,
  expect: Decoded<typeof httpExpectation>,
): Promise<ProbeSession> {
  const judge = await judgeBy(expect);
  const client = openHttpClient(settings);
  return {
    async sample(signal) {
      try {
        return judge(await client.ask(settings, signal, judgedBytes));
      } catch (error) {
        return httpFailure(error, settings.url);
      }
    },
    close: async () => client.close(),
  };
}
