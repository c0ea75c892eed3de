import { defineFault } from '../../model/fault.ts';
import { flag } from '../../model/field.ts';
import { pauseEnded, pauseHeld, pauseSeen } from './observe.ts';

/** A process hangs: it is there, its connections are open, and it does nothing. */
export const processPause = defineFault({
  name: 'process-pause',
  summary: 'A process stands still: its connections stay open, and nobody answers',
  description: `Stops the process and, with \`tree\`, its descendants (SIGSTOP), and lets them go on afterwards (SIGCONT). It
resembles a long garbage collection, a machine that swaps, a debugger left attached, a virtual machine that is moved:
worse than a crash, because connections stay open and the kernel still accepts new ones, so only time limits help.

Its clocks do not stop, and what it held (locks, leases) it still holds. Descendants that are born of a process that is
not part of the tree are not paused.`,
  targets: ['process', 'running'],
  mechanism: () => ({ by: 'SIGSTOP and SIGCONT', cannot: 'its clocks go on, and its time limits run out' }),
  parameters: {
    tree: flag({
      description:
        'Whether its descendants are paused as well. With `npm start` or a wrapper script, the server is one of those.',
      default: true,
    }),
  },
  held: true,
  alone: () => 'pause',
  inject({ tree }, { target }) {
    if (!target) throw new Error('process-pause needs a target');
    const signal = { op: 'signal', target: target.id, tree } as const;
    return { inject: [{ ...signal, signal: 'SIGSTOP' }], undo: [{ ...signal, signal: 'SIGCONT' }] };
  },
  observe: { inForce: pauseSeen, total: pauseHeld, gone: pauseEnded },
  examples: [
    { title: 'The database hangs for five seconds', step: { inject: 'process-pause', target: 'postgres', for: '5s' } },
    {
      title: 'A supervisor hangs while its workers go on',
      step: { inject: 'process-pause', target: 'orders', with: { tree: false }, for: '30s' },
    },
  ],
});
