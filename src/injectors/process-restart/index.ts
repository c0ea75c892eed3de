import { defineFault } from '../../model/fault.ts';
import { choice, duration } from '../../model/field.ts';
import { endSeen } from '../end-seen.ts';

/** A process is stopped as an operator would, and started again. */
export const processRestart = defineFault({
  name: 'process-restart',
  summary: 'A process is stopped in good order and started again',
  description: `Asks the process to end with \`signal\`, ends it with SIGKILL when it is still there after \`grace\`, and starts
its successor: a deployment, a changed configuration, a node that is drained. It is over when the successor is ready.

A \`process\` target is started again by the run, whatever its \`restart\` policy says. A \`running\` target that
is a \`unit\` of systemd is started by \`systemctl start\`; any other needs a command that starts it:
\`running: { pidFile: /run/app.pid, restart: { command: [/etc/init.d/app, start] } }\`.`,
  targets: ['process', 'running'],
  mechanism: (on) => ({ by: on === 'running' ? 'its own restart command' : 'this run, which supervises it' }),
  parameters: {
    signal: choice(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGKILL'])({
      description: 'What asks it to end.',
      default: 'SIGTERM',
    }),
    grace: duration({
      description: 'How long it may take to end by itself; then it is ended with SIGKILL.',
      default: '10s',
      examples: ['2s'],
    }),
  },
  held: false,
  refuses(target) {
    if (target.kind !== 'running' || target.restartCommand) return undefined;
    return `nobody knows how to start "${target.id}" again: add "restart: { command: [...] }" under its "running"`;
  },
  inject({ signal, grace }, { target }) {
    if (!target) throw new Error('process-restart needs a target');
    return { inject: [{ op: 'restart', target: target.id, signal, grace }], undo: [] };
  },
  observe: {
    inForce: (sight, { signal }) => endSeen(sight, `stopped with ${signal}`),
  },
  examples: [
    { title: 'The service is deployed again', step: { inject: 'process-restart', target: 'orders' } },
    {
      title: 'The database is restarted in a hurry',
      step: { inject: 'process-restart', target: 'postgres', with: { signal: 'SIGINT', grace: '2s' } },
    },
  ],
});
