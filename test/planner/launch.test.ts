import { expect, it } from 'vitest';
import type { InjectStep, Step } from '../../src/model/scenario.ts';
import { planCommands } from '../../src/planner/show/commands.ts';
import { planOf } from './support/plan.ts';
import { hang, sequence } from './support/scenario.ts';

const namesFail = (id: string, target: string): Step => ({
  ...(hang(id, 1, target) as InjectStep),
  fault: 'dns-failure',
  with: { mode: 'nxdomain', names: ['*'], rate: 1, latency: 1000 },
});

it('a process is started with what the faults that are meant for it need, and no other', () => {
  const plan = planOf([sequence('storm', hang('slow', 1, 'db'), namesFail('one', 'app'), namesFail('two', 'app'))]);
  const launches = Object.fromEntries(plan.targets.map((target) => [target.id, 'launch' in target && target.launch]));
  expect(launches).toEqual({ app: { resolver: true }, db: false, link: false });
  expect(planCommands(plan)).toContain('names    a resolver of ours in its /etc/resolv.conf');
});
