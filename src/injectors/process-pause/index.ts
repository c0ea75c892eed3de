import { defineFault } from '../../model/fault.ts';
import { choice, flag } from '../../model/field.ts';
import { pauseEnded, pauseHeld, pauseSeen } from './observe.ts';

/** A process hangs: it is there, its connections are open, and it does nothing. */
export const processPause = defineFault({
  name: 'process-pause',
  summary: 'A process stands still: its connections stay open, and nobody answers',
  description: `Stops the process and, with \`tree\`, its descendants, and lets them go on afterwards. It
resembles a long garbage collection, a machine that swaps, a debugger left attached, a virtual machine that is moved:
worse than a crash, because connections stay open and the kernel still accepts new ones, so only time limits help.

Its clocks do not stop, and what it held (locks, leases) it still holds. Descendants that are born of a process that is
not part of the tree are not paused.

- \`via: signal\` (the default) sends SIGSTOP, and SIGCONT afterwards. A parent that waits for its children is told of both, and
  a program may do something on SIGCONT.
- \`via: freezer\` has the kernel freeze the control groups that the process and its descendants are in, with all that is in
  them: a container, say, or a service of systemd. Nobody is told, and what is born in them stands still as well. They have
  to be others than those of \`chaos\` itself.`,
  targets: ['process', 'running'],
  ways: () => ['signal', 'freezer'],
  mechanism: (_, via) =>
    via === 'freezer'
      ? { by: "the kernel's freezer", cannot: 'all that is in its control group stands still, and clocks go on' }
      : { by: 'SIGSTOP and SIGCONT', cannot: 'its clocks go on, and its time limits run out' },
  needs: (_, via) => (via === 'freezer' ? [{ need: 'root', why: 'freeze control groups' }, { need: 'freezer' }] : []),
  parameters: {
    tree: flag({
      description:
        'Whether its descendants are paused as well. With `npm start` or a wrapper script, the server is one of those.',
      default: true,
    }),
    via: choice(['signal', 'freezer'])({ description: 'How it is done. By default by signals.', optional: true }),
  },
  held: true,
  refuses: (_, { tree, via }) =>
    via === 'freezer' && !tree ? 'the freezer stops a whole control group: leave out "tree: false"' : undefined,
  alone: () => 'pause',
  inject({ tree, via }, { target }) {
    if (!target) throw new Error('process-pause needs a target');
    if (via === 'freezer')
      return { inject: [{ op: 'freeze', target: target.id }], undo: [{ op: 'thaw', target: target.id }] };
    const signal = { op: 'signal', target: target.id, tree } as const;
    return { inject: [{ ...signal, signal: 'SIGSTOP' }], undo: [{ ...signal, signal: 'SIGCONT' }] };
  },
  observe: { inForce: pauseSeen, total: pauseHeld, gone: pauseEnded },
  examples: [
    { title: 'The database hangs for five seconds', step: { inject: 'process-pause', target: 'postgres', for: '5s' } },
    {
      title: 'A container is frozen, as by a snapshot of its virtual machine',
      step: { inject: 'process-pause', target: 'postgres', with: { via: 'freezer' }, for: '5s' },
    },
    {
      title: 'A supervisor hangs while its workers go on',
      step: { inject: 'process-pause', target: 'orders', with: { tree: false }, for: '30s' },
    },
  ],
});
