import { expect, it } from 'vitest';
import { processesWithEnvironment } from '../../src/host/processes.ts';
import { probeKindNamed } from '../../src/probes/registry.ts';
import { ask, open, run } from './support/open.ts';

it('is good when the program exits as expected', async () => {
  expect(await ask('command', { argv: ['true'] })).toEqual({ good: true });
  expect(await ask('command', { argv: ['sh', '-c', 'exit 3'] }, { exitCode: 3 })).toEqual({ good: true });
});

it('says how the program ended otherwise, and the last that it said', async () => {
  expect(await ask('command', { argv: ['sh', '-c', 'echo starting; echo "no route to db" >&2; exit 2'] })).toEqual({
    good: false,
    reason: 'sh exited with 2, expected 0: no route to db',
  });
});

it('says when there is no such program', async () => {
  expect(await ask('command', { argv: ['no-such-program'] })).toEqual({
    good: false,
    reason: 'there is no program no-such-program',
  });
});

it('may look for a text in the output', async () => {
  const argv = ['echo', 'PONG'];
  expect(await ask('command', { argv }, { stdout: 'PONG' })).toEqual({ good: true });
  expect(await ask('command', { argv }, { stdout: 'PANG' })).toEqual({
    good: false,
    reason: 'expected output that holds "PANG", got "PONG\\n"',
  });
});

it('looks at the beginning and the end of 30 MB of output, and does not say what stood between', async () => {
  const argv = ['sh', '-c', 'echo first; head -c 30000000 /dev/zero | tr "\\0" a; echo last'];
  expect(await ask('command', { argv }, { stdout: 'first' })).toEqual({ good: true });
  expect(await ask('command', { argv }, { stdout: 'last' })).toEqual({ good: true });
  expect(await ask('command', { argv }, { stdout: 'middle' })).toMatchObject({ unmeasured: true });
});

it('runs in its own directory and environment, without a shell', async () => {
  const argv = ['sh', '-c', 'echo "$PWD $COLOUR"'];
  expect(await ask('command', { argv, cwd: '/', env: { COLOUR: 'red' } }, { stdout: '/ red' })).toEqual({ good: true });
  expect(await ask('command', { argv: ['echo', '$HOME; ls'] }, { stdout: '$HOME; ls' })).toEqual({ good: true });
});

it('ends the program and what it started when its time is up', async () => {
  const session = await open('command', { argv: ['sh', '-c', 'sleep 1000 & sleep 1000'], env: { PROBED: 'yes' } });
  const limit = new AbortController();
  const answer = session.sample(limit.signal);
  const ours = () => processesWithEnvironment('PROBED', 'yes');
  while (ours().filter(({ name }) => name === 'sleep').length < 2) await new Promise(setImmediate);
  limit.abort();
  expect(await answer).toMatchObject({ good: false });
  expect(ours()).toEqual([]);
});

it('marks the program as one of the run', async () => {
  expect(await ask('command', { argv: ['printenv', 'CHAOS_RUN'] }, { stdout: run })).toEqual({ good: true });
});

it('refuses what no program can be given', () => {
  const { refuses } = probeKindNamed('command')!;
  expect(refuses!({ argv: ['echo', '\0'] } as never, {})).toBe('no program can be given a NUL character');
  expect(refuses!({ argv: [''] } as never, {})).toBe('the name of the program is empty');
  expect(refuses!({ argv: ['echo', ''] } as never, {})).toBeUndefined();
});
