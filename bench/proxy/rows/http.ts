/* What it costs to understand HTTP, with a fault in force that meets no request. */
import { inRounds, report } from '../compare.ts';
import type { Contender } from '../contender.ts';
import type { Job } from '../load/job.ts';
import type { Ours } from '../ours.ts';
import type { Program } from '../program.ts';

export async function requests(
  contenders: Contender[],
  ours: Ours,
  load: Program<Job, unknown>,
  rounds: number,
): Promise<void> {
  const settings = { how: 'answer', status: 503, body: '', path: '/never/asked/for', rate: 1, seed: 'bench' };
  await ours.control.add('http', { id: 'none', kind: 'http-failure', settings });
  const answered = await inRounds(contenders, rounds, async ({ ports }) => ({
    perSecond: (await load.ask({ do: 'http', port: ports.http, connections: 32, ms: 700 })) as number,
  }));
  const { requests: seen } = await ours.control.remove('http', 'none');
  if (!seen) throw new Error('the fault saw no request: the row would say nothing');
  report(answered, 'perSecond', {
    what: 'HTTP, a fault in force that meets none',
    unit: 'requests/s',
    goal: 'must ≥ 0.4 × nginx as a reverse proxy, goal ≥ 0.6 ×',
  });
}
