import { expect, it } from 'vitest';
import { chance } from '../../src/model/chance.ts';
import { Deadlines } from '../../src/proxy/time/deadlines.ts';
import { nowMs } from '../../src/proxy/time/now.ts';

it('what is not taken back runs once, in order and never early, however much is taken back', async () => {
  const deadlines = new Deadlines();
  const draw = chance('seed');
  const ran: number[] = [];
  const early: number[] = [];
  const wanted: number[] = [];
  const beganMs = nowMs();
  await new Promise<void>((resolve) => {
    for (let left = 20_000; left > 0; left -= 1) {
      const atMs = beganMs + 200 * draw();
      const takeBack = deadlines.at(atMs, () => {
        if (nowMs() < atMs) early.push(atMs);
        ran.push(atMs);
      });
      if (draw() < 0.9) takeBack();
      else wanted.push(atMs);
      if (draw() < 0.3) deadlines.at(beganMs + 3_600_000, () => ran.push(Number.NaN))();
    }
    deadlines.at(beganMs + 201, resolve);
  });
  await deadlines.stop();
  expect(early).toEqual([]);
  expect(ran).toEqual(wanted.sort((one, other) => one - other));
});

it('what is taken back is forgotten long before its time', async () => {
  const deadlines = new Deadlines();
  const before = process.memoryUsage().heapUsed;
  for (let left = 5_000_000; left > 0; left -= 1) deadlines.at(nowMs() + 3_600_000, () => {})();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(120 * 1024 * 1024);
  await deadlines.stop();
});
