import { afterEach, expect, test } from 'vitest';
import { processKill } from '../../src/injectors/process-kill/index.ts';
import { onProcesses } from './support/on-processes.ts';
import { isGone, parent, stubborn, type Victim } from './support/victim.ts';

let harmed: Victim;
afterEach(() => harmed.end());

test('ends the process and its descendants, and says which', async () => {
  harmed = await parent();
  const injection = onProcesses(processKill, { signal: 'SIGKILL', tree: true }, harmed.root);
  await injection.inject();
  const pids = harmed.family.map(({ pid }) => pid);
  expect(await injection.inForce()).toEqual({
    seen: 'seen',
    summary: `3 processes (pids ${pids.join(', ')}) ended by SIGKILL`,
    figures: { killed: 3, pids },
  });
  expect(harmed.family.every(isGone)).toBe(true);
});

test('without "tree" ends the process alone', async () => {
  harmed = await parent();
  const injection = onProcesses(processKill, { signal: 'SIGTERM', tree: false }, harmed.root);
  await injection.inject();
  const { pid } = harmed.root;
  expect(await injection.inForce()).toMatchObject({
    seen: 'seen',
    summary: `1 process (pid ${pid}) ended by SIGTERM`,
    figures: { killed: 1 },
  });
  expect(harmed.family.map(isGone)).toEqual([true, false, false]);
});

test('is unseen when the process is still there', async () => {
  harmed = await stubborn();
  const injection = onProcesses(processKill, { signal: 'SIGTERM', tree: false }, harmed.root, 100);
  await injection.inject();
  const { pid } = harmed.root;
  expect(await injection.inForce()).toEqual({
    seen: 'unseen',
    summary: `1 process (pid ${pid}) still there after 5 s`,
    figures: { killed: 0, pids: [pid], left: [pid] },
  });
});

test('is unseen when there was nothing to kill', async () => {
  harmed = await parent();
  await harmed.end();
  const injection = onProcesses(processKill, { signal: 'SIGKILL', tree: true }, harmed.root);
  await injection.inject();
  expect(await injection.inForce()).toMatchObject({ seen: 'unseen', summary: 'there was no process to harm' });
});

test('nothing undoes it', async () => {
  harmed = await parent();
  const { actions } = onProcesses(processKill, { signal: 'SIGINT', tree: false }, harmed.root);
  expect(processKill.held).toBe(false);
  expect(actions).toEqual({ inject: [{ op: 'signal', target: 'victim', signal: 'SIGINT', tree: false }], undo: [] });
});
