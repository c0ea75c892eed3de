import { setTimeout as delay } from 'node:timers/promises';
import type { WorkloadResult } from '../../model/event.ts';
import type { Decoded } from '../../model/field.ts';
import type { Answer, ProbeContext, ProbeSession } from '../../model/probe.ts';
import type { httpExpectation } from '../http/fields.ts';
import { oneLine } from '../reasons/one-line.ts';
import { openReader } from './read.ts';
import type { Change, Reading } from './ways.ts';
import { openWriter } from './write.ts';

/** One promise, and what keeps watch over it. All moments are milliseconds since the run's start. */
export interface Watch {
  /** What is filled into the next write. Called when it begins. @returns also what is told once it ended */
  write(begunMs: number): { given: Readonly<Record<string, string>>; acknowledged(atMs: number): void };
  /** Called when a read begins. @returns what is told the value that it was answered with */
  read(begunMs: number): (value: string | null, endedMs: number) => void;
  result(): WorkloadResult;
}

const mostAttempts = 5;
const pauseMs = 500;

/**
 * Each sample writes once and reads once, at the same time: good when both are answered. The first only reads, for what
 * stood there before.
 * @param watchOver makes the watch of what stood there, or says why nothing can be made of it
 */
export async function openWorkload(
  { write, read }: { write: Change; read: Reading },
  expect: Decoded<typeof httpExpectation>,
  context: Pick<ProbeContext, 'now' | 'timeout'>,
  watchOver: (before: string | null) => Watch | { refused: string },
): Promise<ProbeSession> {
  const { now } = context;
  const writer = await openWriter(write, expect, context.timeout);
  const reader = await openReader(read, context.timeout);
  const outstanding = new Set<Promise<unknown>>();
  let watch: Watch | undefined;

  async function readOne(signal: AbortSignal): Promise<Answer> {
    const seen = watch?.read(now());
    try {
      const value = await reader.read(signal);
      if (seen) seen(value, now());
      else if (!watch) {
        const made = watchOver(value);
        if ('refused' in made) return { good: false, reason: oneLine(made.refused) };
        watch = made;
      }
      return { good: true };
    } catch (error) {
      return reader.failure(error);
    }
  }

  async function writeOne(watch: Watch, signal: AbortSignal): Promise<Answer> {
    const { given, acknowledged } = watch.write(now());
    const answer = await writer.write(given, signal);
    if ('good' in answer && answer.good) acknowledged(now());
    return answer;
  }

  async function both(signal: AbortSignal): Promise<Answer> {
    const answers = await Promise.all([...(watch ? [writeOne(watch, signal)] : []), readOne(signal)]);
    return answers.find((answer) => !('good' in answer && answer.good)) ?? { good: true };
  }

  /** Whatever is promised holds for a last look as well. */
  async function lastLook(signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await readOne(AbortSignal.any([signal, AbortSignal.timeout(context.timeout)]));
      if ('good' in answer && answer.good) return;
      signal.throwIfAborted();
      if (attempt === mostAttempts)
        throw new Error(oneLine(`cannot be read, in ${mostAttempts} attempts: ${answer.reason}`));
      await delay(pauseMs, undefined, { signal });
    }
  }

  return {
    async sample(signal) {
      const asking = both(signal);
      outstanding.add(asking);
      return asking.finally(() => outstanding.delete(asking));
    },
    async check(signal) {
      await Promise.all(outstanding);
      if (!watch) throw new Error('it was never read');
      await lastLook(signal);
      return watch.result();
    },
    async close() {
      await Promise.all([writer.close(), reader.close()]);
    },
  };
}
