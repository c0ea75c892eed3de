import { afterEach, beforeEach, expect, test } from 'vitest';
import { processState } from '../../src/host/processes.ts';
import { processPause } from '../../src/injectors/process-pause/index.ts';
import { onProcesses } from './support/on-processes.ts';
import { parent, type Victim } from './support/victim.ts';

let harmed: Victim;
beforeEach(async () => {
  harmed = await parent();
});
afterEach(() => harmed.end());

const states = () => harmed.family.map((one) => processState(one).state);

test('stops the process and its descendants, and lets them go on', async () => {
  const injection = onProcesses(processPause, { tree: true }, harmed.root);
  await injection.inject();
  const pids = harmed.family.map(({ pid }) => pid);
  const paused = {
    seen: 'seen',
    summary: `3 processes (pids ${pids.join(', ')}) paused`,
    figures: { paused: 3, pids },
  };
  expect(await injection.inForce()).toEqual(paused);
  expect(states()).toEqual(['stopped', 'stopped', 'stopped']);
  expect(await injection.total()).toEqual(paused);

  await injection.undo();
  await injection.undo();
  expect(await injection.gone()).toBeUndefined();
  expect(states()).toEqual(['running', 'running', 'running']);
});

test('without "tree" stops the process alone', async () => {
  const injection = onProcesses(processPause, { tree: false }, harmed.root);
  await injection.inject();
  expect(await injection.inForce()).toMatchObject({ seen: 'seen', figures: { paused: 1, pids: [harmed.root.pid] } });
  expect(states()).toEqual(['stopped', 'running', 'running']);
});

test('says when its end is not seen', async () => {
  const injection = onProcesses(processPause, { tree: true }, harmed.root, 50);
  await injection.inject();
  await injection.inForce();
  expect(await injection.gone()).toMatch(/^3 processes \(pids .*\) still paused$/);
});

test('is unseen when somebody else let the process go on', async () => {
  const injection = onProcesses(processPause, { tree: false }, harmed.root);
  await injection.inject();
  await injection.inForce();
  process.kill(harmed.root.pid, 'SIGCONT');
  expect(await injection.total()).toMatchObject({
    seen: 'unseen',
    summary: `1 process (pid ${harmed.root.pid}) running before the pause was over`,
  });
});

test('counts what ended while it was paused, as long as something stood still to the end', async () => {
  const injection = onProcesses(processPause, { tree: true }, harmed.root);
  await injection.inject();
  await injection.inForce();
  const child = harmed.family[2]!;
  process.kill(child.pid, 'SIGKILL');
  const effect = await injection.total();
  expect(effect).toMatchObject({
    seen: 'seen',
    summary: expect.stringContaining(`; 1 process (pid ${child.pid}) ended`),
  });
});

test('is unseen when there was nothing to pause', async () => {
  await harmed.end();
  const injection = onProcesses(processPause, { tree: true }, harmed.root);
  await injection.inject();
  expect(await injection.inForce()).toMatchObject({ seen: 'unseen', summary: 'there was no process to pause' });
});
