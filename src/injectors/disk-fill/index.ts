import { defineFault } from '../../model/fault.ts';
import { size } from '../../model/field.ts';
import { stressBegun, stressEnded } from '../stress.ts';
import { fillEffect } from './effect.ts';

/** A file system is full. */
export const diskFill = defineFault({
  name: 'disk-fill',
  summary: 'A file system fills up, as by logs that nobody rotates',
  description: `Takes space on the file system of the directory: \`amount\`, or all but \`leave\`. Whoever writes there meets
"no space left on device" when it is used up. Nothing is written: the space is taken in one go (\`fallocate\`).

The file that takes it has no name, and is gone with the process that holds it, however that ends. At least \`floor\` stays
free: by default a gibibyte, because a machine whose root file system is full may be hard to get into. Privileged users can
often still use a reserve that others cannot, which this does not touch.`,
  targets: ['directory'],
  mechanism: () => ({ by: 'fallocate on a file without a name' }),
  needs: () => [{ need: 'program', program: 'fallocate', package: 'util-linux' }],
  parameters: {
    amount: size({
      description: 'How much is taken. Without it, all but `leave`.',
      optional: true,
      examples: ['10GiB'],
    }),
    leave: size({
      description: 'How much stays free, when no `amount` is given.',
      default: '1GiB',
      examples: ['0B', '100MiB'],
    }),
    floor: size({
      description: 'How much has to stay free; with less, nothing is injected. `0B` for a file system of its own.',
      default: '1GiB',
      examples: ['0B'],
    }),
  },
  held: true,
  inject({ amount, leave, floor }, { target }) {
    if (target?.kind !== 'directory') throw new Error('disk-fill needs a directory');
    const { directory } = target;
    const space = amount === undefined ? { leaveBytes: leave } : { bytes: amount };
    return {
      inject: [{ op: 'stress', work: { kind: 'fill', directory, ...space, floorBytes: floor } }],
      undo: [{ op: 'stop-stress' }],
    };
  },
  observe: {
    inForce: (sight) => stressBegun(sight, 'holding space'),
    total: async (sight, { amount }) => fillEffect(await sight.usage(), amount),
    gone: stressEnded,
  },
  examples: [
    {
      title: 'Logs take ten gibibytes',
      step: { inject: 'disk-fill', target: 'logs', with: { amount: '10GiB' }, for: '1m' },
    },
    {
      title: 'A volume of its own is full to the last byte',
      step: { inject: 'disk-fill', target: 'data', with: { leave: '0B', floor: '0B' }, for: '30s' },
    },
  ],
});
