import { defineFault } from '../../model/fault.ts';
import { choice, flag } from '../../model/field.ts';
import { endSeen } from '../end-seen.ts';

/** A process ends without warning. */
export const processKill = defineFault({
  name: 'process-kill',
  summary: 'A process is ended by a signal, by default without warning',
  description: `Sends \`signal\` once to the process and, with \`tree\`, to its descendants. SIGKILL cannot be handled: it
resembles a crash, the kernel's out-of-memory killer, a power cut of that one program. The others can be handled, so
with them you see how the program shuts down.

It is over at once and nothing undoes it. Whether the process comes back is up to who supervises it: a \`process\` target
with \`restart\` is started again by the run, a \`running\` one by whoever started it.

A process that handles the signal and stays was not harmed: if it is still there after 5 s, the effect is unseen. To stop
with a grace and start again, use \`process-restart\`.`,
  targets: ['process', 'running'],
  mechanism: () => ({ by: 'a signal to a process that is known by pid and start time' }),
  parameters: {
    signal: choice(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGABRT', 'SIGSEGV'])({
      description: 'What ends it. Only SIGKILL gives it no chance to say goodbye.',
      default: 'SIGKILL',
    }),
    tree: flag({
      description:
        'Whether its descendants are ended as well. With `npm start` or a wrapper script, the server is one of those.',
      default: true,
    }),
  },
  held: false,
  inject({ signal, tree }, { target }) {
    if (!target) throw new Error('process-kill needs a target');
    return { inject: [{ op: 'signal', target: target.id, signal, tree }], undo: [] };
  },
  observe: {
    inForce: (sight, { signal }) => endSeen(sight, `ended by ${signal}`),
  },
  examples: [
    { title: 'The database crashes', step: { inject: 'process-kill', target: 'postgres' } },
    {
      title: 'The service is asked to go, its workers are not',
      step: { inject: 'process-kill', target: 'orders', with: { signal: 'SIGTERM', tree: false } },
    },
  ],
});
