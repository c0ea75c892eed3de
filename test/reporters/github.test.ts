import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { foldReport } from '../../src/reporters/fold.ts';
import { tellGithub } from '../../src/reporters/github/tell.ts';
import { reportAsMarkdown } from '../../src/reporters/markdown/write.ts';
import { chaos, packageRoot } from '../support/chaos.ts';
import { planOf, run } from './support/plans.ts';
import { Recording } from './support/screen.ts';
import { shopFails } from './support/shop.ts';
import { Story } from './support/story.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaos-github-'));
});
afterEach(() => rm(folder, { recursive: true }));

const tell = async (story: Story, environment: Record<string, string>) => {
  const stdout = new Recording();
  const failures = await tellGithub(foldReport(story.events), stdout, environment);
  return { lines: stdout.text.split('\n').filter((line) => line !== ''), failures };
};

test('what is not green stands beside its line, broken promises first', async () => {
  const story = shopFails();
  const { lines } = await tell(story, { GITHUB_ACTIONS: 'true' });
  const { line, column, length } = story.plan.steps.find(({ id }) => id === 'check')!.place;
  expect(lines).toHaveLength(3);
  expect(lines).toContain(
    `::error file=scenarios/db-failure.yaml,line=${line},col=${column},endColumn=${column + length},title=run::check: run check: node exited with 1, expected 0: 2 orders are missing`,
  );
});

test('nothing that others wrote is a command', async () => {
  const hostile = 'a%\n::set-env name=PATH::/evil\r::error::b, c: d';
  const story = new Story(planOf({ scenario: { file: hostile, name: 'x', tags: [] }, steps: [run('a')] }));
  const { lines } = await tell(story.healthyStart().starts('a').ends('a', 'failed', hostile).healthyEnd(), {
    GITHUB_ACTIONS: 'true',
  });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    /^::error file=a%25%0A%3A%3Aset-env name=PATH%3A%3A\/evil%0D%3A%3Aerror%3A%3Ab%2C c%3A d,line=\d+,[^:]+::a: run a: a%25%0A/,
  );
});

test('files are named from where the repository is checked out', async () => {
  const { lines } = await tell(shopFails(), { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: resolve('..') });
  expect(lines[0]).toContain(`file=${resolve('.').split('/').at(-1)}/scenarios/db-failure.yaml,`);
});

test('elsewhere nothing is said', async () => {
  expect(await tell(shopFails(), {})).toEqual({ lines: [], failures: [] });
});

test('the summary of the step is appended to what is there', async () => {
  const file = join(folder, 'summary.md');
  await writeFile(file, 'before\n');
  const story = shopFails();
  await tell(story, { GITHUB_STEP_SUMMARY: file });
  expect(await readFile(file, 'utf8')).toBe(`before\n${reportAsMarkdown(foldReport(story.events))}\n`);
});

test('a summary that cannot be written is told', async () => {
  const file = join(folder, 'missing', 'summary.md');
  const { failures } = await tell(shopFails(), { GITHUB_STEP_SUMMARY: file });
  expect(failures).toEqual([{ file, message: expect.stringContaining('ENOENT') }]);
});

test('chaos run tells GitHub Actions by itself', async () => {
  const scenario = join(folder, 'game-day.yaml');
  await writeFile(
    scenario,
    'version: 1\nname: It is false\nbaseline: 10ms\ntimeline:\n  - { id: check, run: ["false"] }\n',
  );
  const summary = join(folder, 'summary.md');
  const { exitCode, stdout } = await chaos(['run', scenario, '--output', join(folder, 'run'), '--report', 'markdown'], {
    cwd: packageRoot,
    env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary, XDG_STATE_HOME: folder },
  });
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^::error file=.*game-day\.yaml,line=5,col=\d+,endColumn=\d+,title=run::check: /);
  expect(await readFile(summary, 'utf8')).toBe(`${await readFile(join(folder, 'run', 'report.md'), 'utf8')}\n`);
});
