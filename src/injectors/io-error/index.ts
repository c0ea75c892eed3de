import { defineFault } from '../../model/fault.ts';
import { choice } from '../../model/field.ts';
import { ioBegun, ioEnded, ioNeeds, ioTotal, tampered, whichCalls } from '../io.ts';

/** Files of a process fail. */
export const ioError = defineFault({
  name: 'io-error',
  summary: 'What a process does to its files fails, as on a broken or a full disk',
  description: `Each call that reads, writes or syncs a file fails with \`errno\`, and the kernel never sees it: \`strace\` attaches to the process
with all its threads and answers in its place. No root is needed for processes of one's own.

Programs are seldom tested against this. Some end at once, which is right for a database that cannot sync; some go on as if
nothing had been, and lose what they have acknowledged. What goes by memory mappings or io_uring is not met. A process that
a debugger is attached to is refused.`,
  targets: ['process', 'running'],
  mechanism: () => ({
    by: 'strace, which answers system calls in place of the kernel',
    cannot: 'memory mappings and io_uring pass untouched',
  }),
  needs: ioNeeds,
  parameters: {
    errno: choice([
      'EIO',
      'ENOSPC',
      'EDQUOT',
      'EROFS',
      'EACCES',
      'EPERM',
      'ENOENT',
      'EMFILE',
      'ENFILE',
      'ENOMEM',
      'EINTR',
      'EAGAIN',
      'ETIMEDOUT',
      'ESTALE',
    ])({
      description: 'How it fails.',
      default: 'EIO',
      examples: ['ENOSPC'],
    }),
    ...whichCalls,
  },
  held: true,
  alone: () => 'tracer',
  inject: ({ errno, ...which }, { target }) => tampered(target, which, `error=${errno}`),
  observe: {
    inForce: ioBegun,
    total: (sight, { errno }) => ioTotal(sight, `failed with ${errno}`),
    gone: ioEnded,
  },
  examples: [
    {
      title: 'Every third write to the journal fails as on a full disk',
      step: {
        inject: 'io-error',
        target: 'orders',
        with: { errno: 'ENOSPC', operations: ['write'], paths: ['data/journal.log'], every: 3 },
        for: '10s',
      },
    },
  ],
});
