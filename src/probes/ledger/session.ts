import { setTimeout as delay } from 'node:timers/promises';
import { type Duration, formatDuration, seconds } from '../../model/duration.ts';
import type { LedgerResult } from '../../model/event.ts';
import type { Decoded } from '../../model/field.ts';
import type { ProbeContext, ProbeSession } from '../../model/probe.ts';
import type { httpExpectation } from '../http/fields.ts';
import { openWriter } from '../workloads/write.ts';
import { Entries } from './entries.ts';
import type { ledgerSettings } from './fields.ts';
import { openReadBack, type ReadBack } from './read-back.ts';
import { readDuringRun } from './read-during-run.ts';

/** One reading at the end may take so long. */
const readingMs: Duration = seconds(20);
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
  const writer = await openWriter(write, expect, context.timeout);
  const readBack = await openReadBack(read, readingMs);
  const entries = new Entries(`${context.run}-${ledgersOpened++}`);
  const outstanding = new Set<Promise<unknown>>();
  let reading: ReturnType<typeof readDuringRun> | undefined;

  async function writeOne(signal: AbortSignal) {
    const entry = entries.add(context.now());
    const answer = await writer.write({ entry: entries.id(entry) }, signal);
    if ('good' in answer && answer.good) entries.acknowledge(entry, context.now());
    return answer;
  }

  return {
    async sample(signal) {
      if (read.every !== undefined)
        reading ??= readDuringRun(readBack, entries, { every: read.every, now: context.now });
      const writing = writeOne(signal);
      outstanding.add(writing);
      return writing.finally(() => outstanding.delete(writing));
    },
    async verify(signal) {
      const readings = await reading?.end();
      await Promise.all(outstanding);
      const { ids, result } = await compareWithWhatIsThere(entries, readBack, signal);
      return {
        ...result,
        ...(read.ordered ? entries.order(ids) : {}),
        ...(readings === undefined ? {} : { ...entries.stale(ids), readings }),
      };
    },
    async close() {
      await reading?.end();
      await Promise.all([writer.close(), readBack.close()]);
    },
  };
}

async function compareWithWhatIsThere(
  entries: Entries,
  readBack: ReadBack,
  signal: AbortSignal,
): Promise<{ ids: string[]; result: LedgerResult }> {
  for (let reading = 1; ; reading += 1) {
    const ids = await readWithRetries(readBack, signal);
    const result = entries.compare(ids);
    if (result.lostCount === 0 || reading === mostReadings) return { ids, result };
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
