import { defineFault } from '../../model/fault.ts';
import { flag, integer, size } from '../../model/field.ts';
import { stressBegun, stressEnded } from '../stress.ts';
import { diskEffect } from './effect.ts';

/** A disk is busy with somebody else's writes. */
export const diskStress = defineFault({
  name: 'disk-stress',
  summary: 'A disk is kept busy by writes, as by a backup or a compaction',
  description: `Each of \`writers\` writes blocks of random bytes to a file of its own in the directory, over and over, and with \`sync\`
waits until each has reached the disk. Whoever writes to the same disk, and above all whoever waits for its commits to be
durable, gets less of it.

The files have no name: they are gone with the process that writes them, however it ends. They take \`writers\` × \`fileSize\`.
On a file system that lies in memory (\`tmpfs\`) no disk is involved, and the report says that nothing reached one.`,
  targets: ['directory'],
  mechanism: () => ({ by: 'a process that writes files without a name' }),
  parameters: {
    writers: integer({ description: 'How many write at the same time.', minimum: 1, maximum: 60, default: 4 }),
    blockSize: size({ description: 'How much is written at once.', default: '64KiB', examples: ['4KiB', '1MiB'] }),
    fileSize: size({
      description: 'How large each file grows, before its writer begins again at its start.',
      default: '64MiB',
      examples: ['1GiB'],
    }),
    sync: flag({ description: 'Whether each block has to reach the disk before the next is written.', default: true }),
  },
  held: true,
  inject({ writers, blockSize, fileSize, sync }, { target }) {
    if (target?.kind !== 'directory') throw new Error('disk-stress needs a directory');
    const { directory } = target;
    return {
      inject: [
        { op: 'stress', work: { kind: 'disk', directory, writers, blockBytes: blockSize, fileBytes: fileSize, sync } },
      ],
      undo: [{ op: 'stop-stress' }],
    };
  },
  observe: {
    inForce: (sight) => stressBegun(sight, 'writing'),
    total: async (sight) => diskEffect(await sight.usage()),
    gone: stressEnded,
  },
  examples: [
    {
      title: 'A compaction competes with the database for its disk',
      step: { inject: 'disk-stress', target: 'data', with: { writers: 8, blockSize: '1MiB' }, for: '30s' },
    },
  ],
});
