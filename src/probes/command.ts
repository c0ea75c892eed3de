import { type CommandResult, commandFailure } from '../model/command.ts';
import { seconds } from '../model/duration.ts';
import { argv, integer, text, textMap } from '../model/field.ts';
import { type Answer, defineProbe } from '../model/probe.ts';
import { oneLine } from './reasons/one-line.ts';

/** The sample's own time limit ends the program long before. */
const noLimitOfItsOwn = seconds(86_400);

/** Runs a program. */
export const command = defineProbe({
  kind: 'command',
  summary: 'Runs a program and judges its exit code and what it prints',
  description: `Each sample starts the program anew, without a shell, in a process group of its own. When it runs longer than
\`timeout\` the sample is bad and the whole group is ended (TERM, then KILL); so is what it left running when it exited.

Starting a program costs milliseconds of CPU: sample seldom. The first and the last 32 KiB of what it prints are looked at.`,
  settings: {
    argv: argv({
      description: 'The program and its arguments.',
      examples: [['redis-cli', '-p', '6379', 'ping']],
    }),
    cwd: text({
      description: 'Working directory; by default the one `chaos` was called in.',
      minLength: 1,
      optional: true,
      examples: ['services/orders'],
    }),
    env: textMap({
      description: 'Added to the environment that `chaos` was called with.',
      optional: true,
      examples: [{ PGHOST: '127.0.0.1' }],
    }),
  },
  shorthand: 'argv',
  expect: {
    exitCode: integer({ description: 'The exit code that is good.', default: 0, minimum: 0, maximum: 255 }),
    stdout: text({
      description: 'A text that must stand in its output.',
      minLength: 1,
      optional: true,
      examples: ['PONG'],
    }),
  },
  refuses: ({ argv, cwd = '', env = {} }) => {
    const hasNul = [...argv, cwd, ...Object.entries(env).flat()].some((one) => one.includes('\0'));
    if (hasNul) return 'no program can be given a NUL character';
    return argv[0] === '' ? 'the name of the program is empty' : undefined;
  },
  async open({ argv, cwd, env }, expect, context) {
    const program = { argv, timeout: noLimitOfItsOwn, ...(cwd === undefined ? {} : { cwd }), ...(env ? { env } : {}) };
    return {
      async sample(signal) {
        return judge(await context.runCommand(program, signal), expect);
      },
      close: async () => {},
    };
  },
  examples: [
    { title: 'Any program that exits with 0', probe: { command: ['pg_isready', '-h', '127.0.0.1', '-p', '5432'] } },
    {
      title: 'A program and what it prints',
      probe: {
        command: { argv: ['redis-cli', '-p', '6379', 'ping'] },
        every: '2s',
        timeout: '1s',
        expect: { stdout: 'PONG' },
      },
    },
  ],
});

function judge(result: CommandResult, expect: { exitCode: number; stdout?: string }): Answer {
  const failure = commandFailure(result, expect.exitCode);
  if (failure !== undefined) return { good: false, reason: oneLine(failure) };
  if (expect.stdout === undefined || result.stdout.text.includes(expect.stdout)) return { good: true };
  const expected = `expected output that holds ${JSON.stringify(expect.stdout)}`;
  if (result.stdout.truncatedBytes > 0)
    return { unmeasured: true, reason: oneLine(`${expected}; too much was printed to look at all of it`) };
  return { good: false, reason: oneLine(`${expected}, got ${JSON.stringify(result.stdout.text.slice(0, 200))}`) };
}
