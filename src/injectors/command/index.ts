import type { Command } from '../../model/command.ts';
import { defineFault } from '../../model/fault.ts';
import { argv, duration, text, textMap } from '../../model/field.ts';
import { commandEffect, whyNotUndone } from './effect.ts';

/** Harm by the author's own program. */
export const command = defineFault({
  name: 'command',
  summary: 'Your own program does the harm, and another one undoes it',
  description: `Runs \`inject\`, holds, and runs \`undo\`: for harm that no fault of ours does. Programs are given as a list of
arguments and run without a shell (use \`[sh, -c, "..."]\` if you need one), in the directory \`chaos\` was called in. Each
is ended with all it started when \`timeout\` is over. What it leaves in the background stays, at most until the run
ends.

A program that exits with anything but 0 has failed: a failed \`inject\` is a fault that was not injected, a failed
\`undo\` is one that could not be undone. The \`undo\` is written down before \`inject\` runs, and is also run when the
run was killed, so it must be harmless when there is nothing to undo, and when it is run twice.

With \`observe\`, the fault counts as seen only if that program exits with 0 right after \`inject\`. Without it, that
\`inject\` exited with 0 is all that was seen. Without \`undo\`, nothing is reversed at the end.`,
  targets: [],
  mechanism: () => ({ by: 'programs of your own' }),
  parameters: {
    inject: argv({
      description: 'The program that does the harm, and its arguments.',
      examples: [['touch', '/tmp/maintenance']],
    }),
    undo: argv({
      description: 'The program that reverses it. Must be harmless when run twice, or with nothing to undo.',
      optional: true,
      examples: [['rm', '-f', '/tmp/maintenance']],
    }),
    observe: argv({
      description: 'A program that exits with 0 if the harm is there. Run once, right after `inject`.',
      optional: true,
      examples: [['test', '-e', '/tmp/maintenance']],
    }),
    cwd: text({
      description: 'The directory that they run in; by default the one `chaos` was called in.',
      optional: true,
      examples: ['ops'],
    }),
    env: textMap({
      description: 'Added to the environment that `chaos` was called with.',
      default: {},
      examples: [{ PGHOST: '127.0.0.1' }],
    }),
    timeout: duration({
      description: 'How long each of them may take.',
      default: '30s',
      examples: ['2m'],
    }),
  },
  held: true,
  inject({ inject, undo, observe, cwd, env, timeout }) {
    const run = (program: string[]) => {
      const command: Command = { argv: program, ...(cwd === undefined ? {} : { cwd }), env, timeout };
      return { op: 'run' as const, command };
    };
    // An observer has no hands: its program is one more thing to run, and it reads the result.
    return { inject: [run(inject), ...(observe ? [run(observe)] : [])], undo: undo ? [run(undo)] : [] };
  },
  observe: {
    inForce: async ({ results }, { observe }) => commandEffect(results, observe !== undefined),
    gone: async ({ results }, { undo }) => whyNotUndone(results, undo !== undefined),
  },
  examples: [
    {
      title: 'A maintenance page is switched on for ten seconds',
      step: {
        inject: 'command',
        with: {
          inject: ['touch', '/tmp/maintenance'],
          undo: ['rm', '-f', '/tmp/maintenance'],
          observe: ['test', '-e', '/tmp/maintenance'],
        },
        for: '10s',
      },
    },
    {
      title: 'A cache is emptied: nothing to undo',
      step: { inject: 'command', with: { inject: ['redis-cli', 'flushall'], timeout: '5s' }, for: '1s' },
    },
  ],
});
