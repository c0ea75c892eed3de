import { setTimeout as delay } from 'node:timers/promises';
import { formatDuration } from '../../model/duration.ts';
import type { LedgerResult } from '../../model/event.ts';
import type { Decoded } from '../../model/field.ts';
import type { ProbeContext, ProbeSession } from '../../model/probe.ts';
import { fillIn } from '../fill-in.ts';
import { openHttpClient } from '../http/client.ts';
import { httpFailure } from '../http/failure.ts';
import type { httpExpectation } from '../http/fields.ts';
import { judgeBy } from '../http/judge.ts';
import { judgedBytes } from '../http/session.ts';
import { Entries } from './entries.ts';
import type { ledgerSettings } from './fields.ts';
import { openReadBack, type ReadBack } from './read-back.ts';

/** One reading may take so long. */
const readingMs = 20_000;
/** A system that has just recovered may refuse a first reading. */
const mostAttempts = 5;
/** What is missing is looked for again: a store may need a moment to show what it has. */
const mostReadings = 5;
const pauseMs = 500;

/** Two ledgers of one run may write to the same place: each has a number of its own. */
let ledgersOpened = 0;

export async function openLedger(
  { write, read }: Decoded<typeof ledgerSettings>,
  expect: Decoded<typeof httpExpectation>,
  context: ProbeContext,
): Promise<ProbeSession> {
  const judge = await judgeBy(expect);
  const readBack = await openReadBack(read);
  const client = openHttpClient(write.http);
  const entries = new Entries(`${context.run}-${ledgersOpened++}`);
  const outstanding = new Set<Promise<unknown>>();

  async function writeOne(entry: number, signal: AbortSignal) {
    try {
      const question = fillIn(write.http, { entry: entries.id(entry) });
      const verdict = judge(await client.ask(question, signal, judgedBytes));
      if ('good' in verdict && verdict.good) entries.acknowledge(entry, context.now());
      return verdict;
    } catch (error) {
      return httpFailure(error, write.http.url);
    }
  }

  return {
    async sample(signal) {
      const writing = writeOne(entries.add(), signal);
      outstanding.add(writing);
      return writing.finally(() => outstanding.delete(writing));
    },
    async verify(signal) {
      await Promise.all(outstanding);
      return compareWithWhatIsThere(entries, readBack, signal);
    },
    async close() {
      client.close();
      readBack.close();
    },
  };
}

async function compareWithWhatIsThere(
  entries: Entries,
  readBack: ReadBack,
  signal: AbortSignal,
): Promise<LedgerResult> {
  for (let reading = 1; ; reading += 1) {
    const result = entries.compare(await readWithRetries(readBack, signal));
    if (result.lostCount === 0 || reading === mostReadings) return result;
    await delay(pauseMs, undefined, { signal });
  }
}

async function readWithRetries(readBack: ReadBack, signal: AbortSignal): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    const limit = AbortSignal.timeout(readingMs);
    try {
      return await readBack.ids(AbortSignal.any([signal, limit]));
    } catch (error) {
      signal.throwIfAborted();
      if (attempt < mostAttempts) {
        await delay(pauseMs, undefined, { signal });
        continue;
      }
      const why = limit.aborted ? `no answer within ${formatDuration(readingMs)}` : (error as Error).message;
      throw new Error(`cannot be read back, in ${mostAttempts} attempts: ${why}`);
    }
  }
}
