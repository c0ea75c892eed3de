import { defineFault } from '../../model/fault.ts';
import { choice, either, integer, share } from '../../model/field.ts';
import { inGroupsOf, stressBegun, stressEnded, within, withinCgroups } from '../stress.ts';
import { cpuEffect } from './effect.ts';

/** Processors are busy with something else. */
export const cpuStress = defineFault({
  name: 'cpu-stress',
  summary: 'Processors are kept busy, as by a neighbour or a runaway job',
  description: `Keeps \`cores\` processors busy for \`load\` of the time each. It is held to that by the kernel's own account of the
time that it got, so that 30 % stays 30 % while others compete for the same processors.

It runs at the usual priority, as a noisy neighbour does: the scheduler shares the processors out, so a full load on all of
them leaves everybody else about half. Who slows down by how much is the system's answer, not this fault's.

${withinCgroups} A quota of theirs holds the load, too: the report says what it got.`,
  targets: ['host', 'process', 'running'],
  mechanism: (on) => ({ by: `processes that compute${inGroupsOf(on)}` }),
  parameters: {
    load: share({ description: 'How busy each of them is kept.', default: '80%', examples: ['100%'] }),
    cores: either(
      integer({ description: 'So many processors; at most those that there are.', minimum: 1, maximum: 1024 }),
      choice(['all'])({ description: 'Every processor.' }),
    )({ description: 'How many processors.', default: 2, examples: ['all'] }),
  },
  held: true,
  inject({ load, cores }, { target }) {
    return {
      inject: [{ op: 'stress', work: { kind: 'cpu', load, cores }, ...within(target) }],
      undo: [{ op: 'stop-stress' }],
    };
  },
  observe: {
    inForce: (sight) => stressBegun(sight, 'burning'),
    total: async (sight, { load, cores }) => cpuEffect(await sight.usage(), load, cores),
    gone: stressEnded,
  },
  examples: [
    {
      title: 'A backup job takes four fifths of two processors',
      step: { inject: 'cpu-stress', target: 'machine', for: '30s' },
    },
    {
      title: 'Nothing is left for anybody',
      step: { inject: 'cpu-stress', target: 'machine', with: { load: '100%', cores: 'all' }, for: '10s' },
    },
    {
      title: 'A sidecar takes all that the container may have',
      step: { inject: 'cpu-stress', target: 'orders', with: { load: '100%', cores: 'all' }, for: '20s' },
    },
  ],
});
