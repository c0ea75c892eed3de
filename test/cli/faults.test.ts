import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { faults } from '../../src/injectors/registry.ts';
import { probeKinds } from '../../src/probes/registry.ts';
import { chaos } from '../support/chaos.ts';

const faultNames = faults.map(({ name }) => name);
const probeNames = probeKinds.map(({ kind }) => kind);

test('chaos faults lists every fault with what it harms', async () => {
  const { exitCode, stdout, stderr } = await chaos(['faults']);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^ {2}process-pause +A process stands still: .*\n.*Harms: process, running\.$/m);
  for (const name of faultNames) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
});

test('chaos probes lists every kind of probe', async () => {
  const { exitCode, stdout } = await chaos(['probes']);
  expect(exitCode).toBe(0);
  for (const name of probeNames) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
});

test('chaos faults NAME teaches: what it takes, how long it lasts, how it is seen, how it is written', async () => {
  const { exitCode, stdout } = await chaos(['faults', 'process-kill']);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('  Needs one: process or running.');
  expect(stdout).toMatch(/^ {2}signal: one of SIGKILL, SIGTERM, .*\n +default SIGKILL\n {6}What ends it\./m);
  expect(stdout).toMatch(/^ {2}tree: true or false; default true$/m);
  expect(stdout).toContain('Over as soon as it is done');
  expect(stdout).toMatch(/If no effect was seen, the run cannot\s+pass/);
  const examples = stdout.slice(stdout.indexOf('Examples\n') + 'Examples\n'.length);
  expect(parse(examples)).toEqual(faults.find(({ name }) => name === 'process-kill')!.examples.map(({ step }) => step));
});

test('bounds are said, and programs are written on one line', async () => {
  expect((await chaos(['faults', 'database-slow'])).stdout).toContain(
    '  factor: number, more than 1, at most 1000000; default 10',
  );
  expect((await chaos(['faults', 'command'])).stdout).toMatch(/^ {6}undo: \[ ?rm, -f, \/tmp\/maintenance ?\]$/m);
});

test.each([...faultNames.map((name) => ['faults', name]), ...probeNames.map((name) => ['probes', name])])(
  'chaos %s %s fits 80 columns, and its examples are YAML',
  async (command, name) => {
    const { exitCode, stdout, stderr } = await chaos([command, name], { env: { COLUMNS: '200' } });
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(parse(stdout.slice(stdout.indexOf('\nExamples\n') + '\nExamples\n'.length)).length).toBeGreaterThan(0);
  },
);

test('--format json gives machines the parameters as JSON Schema, for one or for all', async () => {
  const one = JSON.parse((await chaos(['faults', 'process-pause', '--format', 'json'])).stdout);
  expect(one).toMatchObject({
    name: 'process-pause',
    targets: ['process', 'running'],
    held: true,
    parameters: {
      type: 'object',
      properties: { tree: { type: 'boolean', default: true } },
      additionalProperties: false,
    },
  });
  const all = JSON.parse((await chaos(['faults', '--format', 'json'])).stdout);
  expect(all.map(({ name }: { name: string }) => name)).toEqual(faultNames);
  const probes = JSON.parse((await chaos(['probes', '--format', 'json'])).stdout);
  expect(probes.map(({ kind }: { kind: string }) => kind)).toEqual(probeNames);
});

test.each([
  ['faults', 'proces-kill', 'there is no fault "proces-kill": did you mean "process-kill"?'],
  ['faults', 'earthquake', `there is no fault "earthquake": there are: ${faultNames.join(', ')}`],
  ['probes', 'htpp', 'there is no kind of probe "htpp": did you mean "http"?'],
  ['faults', '__proto__', 'there is no fault "__proto__"'],
])('chaos %s %s says what was meant, exit 2', async (command, name, message) => {
  const { exitCode, stdout, stderr } = await chaos([command, name]);
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});
