import { expect, test } from 'vitest';
import { Schedule } from '../../src/sampler/schedule.ts';

const now = () => performance.now();
const block = (ms: number) => {
  for (const until = now() + ms; now() < until; );
};

test('moments are exact multiples of the interval, whatever is done when they are due', async () => {
  const due: number[] = [];
  const startMs = now();
  await new Promise<void>((resolve) => {
    const schedule = new Schedule(
      [
        {
          everyMs: 7,
          onDue(dueMs) {
            due.push(dueMs);
            if (due.length === 3) block(60);
            if (due.length < 20) return;
            schedule.stop();
            resolve();
          },
        },
      ],
      startMs,
      now,
    );
  });
  expect(due).toEqual(Array.from({ length: 20 }, (_, k) => startMs + k * 7));
});

test('nothing is due before its time, and nothing after the schedule was stopped', async () => {
  const early: number[] = [];
  let count = 0;
  const schedule = await new Promise<Schedule>((resolve) => {
    const running = new Schedule(
      [
        {
          everyMs: 1.5,
          onDue(dueMs) {
            if (now() < dueMs) early.push(dueMs);
            count += 1;
            if (count === 100) resolve(running);
          },
        },
      ],
      now(),
      now,
    );
  });
  schedule.stop();
  const countThen = count;
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(early).toEqual([]);
  expect(count).toBe(countThen);
});

test('series of the same interval do not fall on the same moments', async () => {
  const first = new Map<number, number>();
  await new Promise<void>((resolve) => {
    const series = [0, 1, 2, 3].map((index) => ({
      everyMs: 40,
      onDue(dueMs: number) {
        if (!first.has(index)) first.set(index, dueMs);
        if (first.size < 4) return;
        schedule.stop();
        resolve();
      },
    }));
    const schedule = new Schedule(series, now(), now);
  });
  const moments = [...first.values()].sort((a, b) => a - b);
  for (let index = 1; index < 4; index += 1) expect(moments[index]! - moments[index - 1]!).toBeGreaterThan(4);
});

test('a series that is rare begins soon as well', async () => {
  const startMs = now();
  const firsts: number[] = [];
  await new Promise<void>((resolve) => {
    const series = [0, 1, 2].map(() => ({
      everyMs: 3_600_000,
      onDue(dueMs: number) {
        if (firsts.push(dueMs) < 3) return;
        schedule.stop();
        resolve();
      },
    }));
    const schedule = new Schedule(series, startMs, now);
  });
  for (const dueMs of firsts) expect(dueMs - startMs).toBeLessThan(250);
});
