import { defineFault } from '../../model/fault.ts';
import { duration } from '../../model/field.ts';
import { ioBegun, ioEnded, ioNeeds, ioTotal, tampered, whichCalls } from '../io.ts';

/** A process waits for its files. */
export const ioDelay = defineFault({
  name: 'io-delay',
  summary: 'Files of a process are slow, as on a bad disk or a network file system that is in trouble',
  description: `Each call that reads, writes or syncs a file takes \`latency\` longer: \`strace\` attaches to the process with all its threads
and holds each call back before the kernel sees it. No root is needed for processes of one's own.

Everything else that the process does goes on, but a little slower: calls that are not meant stop for a moment at the
tracer, too. What goes by memory mappings or io_uring is not met. A process that a debugger is attached to is refused.`,
  targets: ['process', 'running'],
  mechanism: () => ({
    by: 'strace, which holds system calls back',
    cannot: 'memory mappings and io_uring pass untouched',
  }),
  needs: ioNeeds,
  parameters: {
    latency: duration({
      description: 'How much longer each call takes.',
      drawn: ['10ms', '100ms'],
      examples: ['50ms'],
    }),
    ...whichCalls,
  },
  held: true,
  alone: () => 'tracer',
  inject: ({ latency, ...which }, { target }) => tampered(target, which, `delay_enter=${Math.round(latency * 1000)}`),
  observe: {
    inForce: ioBegun,
    total: (sight) => ioTotal(sight, 'delayed'),
    gone: ioEnded,
  },
  examples: [
    {
      title: 'The disk of the database takes 20 ms for each sync',
      step: { inject: 'io-delay', target: 'postgres', with: { latency: '20ms', operations: ['sync'] }, for: '30s' },
    },
  ],
});
