import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reportFormats } from '../../src/model/report-format.ts';
import { foldReport } from '../../src/reporters/fold.ts';
import { reportAsJson } from '../../src/reporters/json.ts';
import { reportAsJunit } from '../../src/reporters/junit/write.ts';
import { chaos } from '../support/chaos.ts';
import { shopFails } from './support/shop.ts';
import type { Story } from './support/story.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaos-report-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function writeRun(lines: string, name = join('.chaos', 'runs', 'r-1')): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'events.ndjson'), lines);
}
const linesOf = ({ events }: Story): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');
const report = (...argv: string[]) => chaos(['report', ...argv], { cwd: folder });

test('a run is found by its id or its folder, and shown as text, JSON or JUnit', async () => {
  const story = shopFails();
  await writeRun(linesOf(story));
  const folded = foldReport(story.events);
  expect(await report('r-1', '--format', 'json')).toEqual({ exitCode: 0, stdout: reportAsJson(folded), stderr: '' });
  expect((await report('.chaos/runs/r-1', '--format', 'junit')).stdout).toBe(reportAsJunit(folded));
  expect((await report('r-1')).stdout).toMatch(/^FAILED {2}Orders survive a database failure, 7.34s\n/);
});

test('a run that died in the middle of a line has a report of all that was written before', async () => {
  const story = shopFails();
  const whole = linesOf(story);
  const lastLines = JSON.stringify(story.events.at(-1)).length + 10;
  await writeRun(whole.slice(0, -lastLines));
  const { stdout, stderr, exitCode } = await report('r-1', '--format', 'json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    verdict: 'aborted',
    exitCode: 3,
    reasons: ['the runner died', expect.anything(), expect.anything()],
  });
  expect(stderr).toContain('Passed over 1 torn line of events.ndjson.\n');
});

test.each(reportFormats)('a run that died has a report as %s, too', async (format) => {
  const whole = linesOf(shopFails());
  await writeRun(whole.slice(0, whole.length / 2));
  const { stdout, exitCode } = await report('r-1', '--format', format);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/aborted/i);
});

test('a line that a crash tore is passed over, and what the guardian wrote after it counts', async () => {
  const story = shopFails();
  const lines = linesOf(story).split('\n');
  await writeRun([...lines.slice(0, -2), '{"seq":99,"at', ...lines.slice(-2)].join('\n'));
  const { stdout, stderr } = await report('r-1', '--format', 'json');
  expect(stdout).toBe(reportAsJson(foldReport(story.events)));
  expect(stderr).toBe('Passed over 1 torn line of events.ndjson.\n');
});

describe('what is no run is refused with exit 2 and no stack trace', () => {
  test.each([
    [
      'an unknown id names the last runs',
      'nobody',
      'there is no events.ndjson in nobody, nor in .chaos/runs/nobody. The last runs are r-1',
    ],
    ['an empty log', 'r-1', 'it does not hold the beginning of a run'],
  ])('%s', async (_, run, message) => {
    await writeRun('');
    const { exitCode, stdout, stderr } = await report(run);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });

  test.each([
    ['text', 'hello\nworld\n'],
    ['JSON that is no event', '1\nnull\n[]\n{}\n'],
    ['events of somebody else', '{"type":"run-started","plan":{}}\n'],
    [
      'a run whose samples are broken',
      `${JSON.stringify(shopFails().events[0])}\n{"type":"samples","probe":"orders-answer"}\n`,
    ],
  ])('%s', async (_, lines) => {
    await writeRun(lines);
    const { exitCode, stderr } = await report('r-1');
    expect(exitCode).toBe(2);
    expect(stderr).not.toContain('    at ');
  });
});
