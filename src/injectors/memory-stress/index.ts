import { defineFault } from '../../model/fault.ts';
import { duration, either, share, size } from '../../model/field.ts';
import { inGroupsOf, stressBegun, stressEnded, within, withinCgroups } from '../stress.ts';
import { memoryEffect } from './effect.ts';

/** Memory is taken by something else. */
export const memoryStress = defineFault({
  name: 'memory-stress',
  summary: 'Memory is taken and kept, as by a leak or a neighbour',
  description: `Takes \`amount\` of the machine's memory, touches every page so that the kernel really gives it, and keeps it.
What there is for caches and for everybody else shrinks; when it runs out, the kernel ends a process.

That process is meant to be this fault's own: it offers itself first (\`oom_score_adj\` 1000). It then counts as not held to
its end, and the run is inconclusive.

${withinCgroups} What passes a limit of theirs is ended by the kernel within them.`,
  targets: ['host', 'process', 'running'],
  mechanism: (on) => ({ by: `a process that touches memory and keeps it${inGroupsOf(on)}` }),
  parameters: {
    amount: either(
      size({ description: 'So much.' }),
      share({ description: 'This share of all memory of the machine.' }),
    )({ description: 'How much.', default: '100MiB', examples: ['1GiB', '25%'] }),
    ramp: duration({ description: 'Over how long it is taken, evenly.', default: '0ms', examples: ['10s'] }),
  },
  held: true,
  inject({ amount, ramp }, { target }) {
    // A size is at least a byte; a share at most the whole.
    const wanted = amount <= 1 ? { share: amount } : { bytes: amount };
    return {
      inject: [{ op: 'stress', work: { kind: 'memory', ...wanted, rampMs: ramp }, ...within(target) }],
      undo: [{ op: 'stop-stress' }],
    };
  },
  observe: {
    inForce: (sight) => stressBegun(sight, 'holding memory'),
    total: async (sight, { amount }) => memoryEffect(await sight.usage(), amount),
    gone: stressEnded,
  },
  examples: [
    {
      title: 'A neighbour takes a gibibyte',
      step: { inject: 'memory-stress', target: 'machine', with: { amount: '1GiB' }, for: '30s' },
    },
    {
      title: 'A leak takes a quarter of the memory within half a minute',
      step: { inject: 'memory-stress', target: 'machine', with: { amount: '25%', ramp: '30s' }, for: '1m' },
    },
  ],
});
