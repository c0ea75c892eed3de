import type { Plan } from '../../../src/model/plan.ts';
import { awaitSteady, kill, objective, planOf, probe, processTarget, run, slow } from './plans.ts';
import { Story } from './story.ts';

/** A game day like the one in the README, with a bit of everything in it. */
const shopPlan = (): Plan =>
  planOf({
    scenario: { file: 'scenarios/db-failure.yaml', name: 'Orders survive a database failure', tags: ['database'] },
    parameters: { factor: 10 },
    targets: [processTarget('postgres')],
    probes: [probe('orders-answer'), probe('orders-kept', { kind: 'ledger' })],
    steps: [slow('slow'), awaitSteady('settled'), kill('crash'), awaitSteady('recovered'), run('check')],
    objectives: [
      objective({ measure: 'availability', probe: 'orders-answer' }, '>= 90%'),
      objective({ measure: 'recoveryTime', step: 'crash', from: 'start' }, '< 30s'),
      objective({ measure: 'consistency', probe: 'orders-kept' }, '100%'),
    ],
  });

const postgres = { target: 'postgres' } as const;

/** It passes. */
export function shopPasses(): Story {
  return beforeTheCrash()
    .samples('orders-answer', 6100, `${'b'.repeat(6)}ggggggg`)
    .samples('orders-kept', 6100, `${'b'.repeat(6)}ggggggg`)
    .at(7200)
    .ends('recovered')
    .starts('check')
    .after(40)
    .tell({
      type: 'step-ended',
      step: 'check',
      outcome: 'passed',
      result: {
        argv: ['true'],
        exitCode: 0,
        signal: null,
        timedOut: false,
        stdout: { text: 'all there\n', truncatedBytes: 0 },
        stderr: { text: '', truncatedBytes: 0 },
        durationMs: 40,
      },
    })
    .ledger('orders-kept', { acknowledged: 57 })
    .healthyEnd();
}

/** Orders are lost, the check fails, and the slowdown touched nothing. */
export function shopFails(): Story {
  return beforeTheCrash()
    .samples('orders-answer', 6100, 'bbbbgggg')
    .samples('orders-kept', 6100, 'bbbbgggg')
    .at(7200)
    .ends('recovered', 'failed', 'orders-answer was not healthy within 10s')
    .starts('check')
    .after(40)
    .tell({
      type: 'step-ended',
      step: 'check',
      outcome: 'failed',
      message: 'node exited with 1, expected 0: 2 orders are missing',
      result: {
        argv: ['node', 'check.js'],
        exitCode: 1,
        signal: null,
        timedOut: false,
        stdout: { text: '', truncatedBytes: 0 },
        stderr: { text: 'looking\n2 orders are missing\n', truncatedBytes: 0 },
        durationMs: 40,
      },
      lastSamples: {
        'orders-answer': [{ dueMs: 7100, lateMs: 0, latencyMs: 5.2, state: 'bad', reason: 'status 503, expected 200' }],
      },
    })
    .ledger('orders-kept', {
      acknowledged: 57,
      lost: [
        { id: 'r-1-000041', atMs: 6010 },
        { id: 'r-1-000042', atMs: 6090 },
      ],
    })
    .healthyEnd();
}

function beforeTheCrash(): Story {
  return new Story(shopPlan())
    .phase('start')
    .tell({ type: 'target-started', ...postgres, pid: 101, generation: 1 })
    .at(300)
    .tell({ type: 'target-ready', ...postgres, pid: 101, generation: 1, afterMs: 300 })
    .phaseEnds('start')
    .phase('baseline')
    .at(1000)
    .phaseEnds('baseline')
    .phase('timeline')
    .inject('slow', { seen: 'pending', summary: 'in force: what it does shows as queries pass', figures: {} })
    .samples('orders-answer', 1000, 'g'.repeat(51))
    .samples('orders-kept', 1000, 'g'.repeat(51))
    .at(6000)
    .undo('slow', { seen: 'seen', summary: '212 queries slowed, 9.8 × on average', figures: { queries: 212 } })
    .starts('settled')
    .at(6050)
    .ends('settled')
    .strike('crash', { seen: 'seen', summary: 'pid 101 is gone', figures: { killed: 1 } })
    .tell({
      type: 'target-exited',
      ...postgres,
      pid: 101,
      exitCode: null,
      signal: 'SIGKILL',
      expected: false,
      lastOutput: 'ready to accept connections\n',
    })
    .starts('recovered')
    .at(6550)
    .tell({ type: 'target-started', ...postgres, pid: 102, generation: 2 })
    .at(6700)
    .tell({ type: 'target-ready', ...postgres, pid: 102, generation: 2, afterMs: 150 });
}
