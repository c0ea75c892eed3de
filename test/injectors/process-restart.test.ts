import { afterEach, expect, test } from 'vitest';
import { processRestart } from '../../src/injectors/process-restart/index.ts';
import { seconds } from '../../src/model/duration.ts';
import type { Target } from '../../src/model/scenario.ts';
import { onProcesses } from './support/on-processes.ts';
import { parent, type Victim } from './support/victim.ts';

let harmed: Victim | undefined;
afterEach(() => harmed?.end());

test('asks the runner to stop and start the target, and is over when that is done', () => {
  const { actions } = onProcesses(processRestart, { signal: 'SIGINT', grace: 2000 }, { pid: 1, startTime: '1' });
  expect(processRestart.held).toBe(false);
  expect(actions).toEqual({
    inject: [{ op: 'restart', target: 'victim', signal: 'SIGINT', grace: 2000 }],
    undo: [],
  });
});

test('is seen when every process that was there before is gone', async () => {
  harmed = await parent();
  const injection = onProcesses(processRestart, { signal: 'SIGTERM', grace: 2000 }, harmed.root, 50);
  for (const one of harmed.family) injection.meet(one);
  expect(await injection.inForce()).toMatchObject({ seen: 'unseen', figures: { killed: 0 } });
  await harmed.end();
  expect(await injection.inForce()).toMatchObject({
    seen: 'seen',
    summary: expect.stringMatching(/^3 processes \(pids .*\) stopped with SIGTERM$/),
  });
});

test('refuses a running target that nobody knows how to start again, and says what to add', () => {
  const running: Target = { id: 'app', path: '/targets/app', needs: [], kind: 'running', find: { port: 80 } };
  expect(processRestart.refuses!(running, {} as never)).toBe(
    'nobody knows how to start "app" again: add "restart: { command: [...] }" under its "running"',
  );
  expect(
    processRestart.refuses!({ ...running, restartCommand: { argv: ['start-app'], timeout: seconds(5) } }, {} as never),
  ).toBeUndefined();
});
