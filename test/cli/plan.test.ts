import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { chaos } from '../support/chaos.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chaos-plan-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Calls `chaos plan` on a scenario, in the folder where its file lies. */
async function plan(text: string, argv: string[] = [], env: Record<string, string> = {}) {
  writeFileSync(join(folder, 'game-day.yaml'), text);
  return await chaos(['plan', 'game-day.yaml', ...argv], { cwd: folder, env });
}

const hang = `
version: 1
name: The worker hangs
parameters:
  long: { type: duration, default: 5s, description: How long the worker hangs }
  port: { type: port, default: auto, description: Where the worker listens }
targets:
  worker:
    process:
      command: [node, worker.js, --port, "\${port}"]
      ready: { tcp: "127.0.0.1:\${port}" }
steadyState:
  - { id: answers, http: "http://127.0.0.1:\${port}/" }
timeline:
  - { id: hang, inject: process-pause, target: worker, for: "\${long}" }
  - { id: back, await: steady-state, within: 10s }
safety:
  blastRadius: { duration: 30s }
`;

describe('chaos plan', () => {
  test('shows at a glance what runs when, within 80 columns', async () => {
    const { exitCode, stdout, stderr } = await plan(hang);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^The worker hangs\ngame-day\.yaml\n\n\[start\] +targets: worker\n/);
    expect(stdout).toMatch(/^hang +at 0s +0s +5s +process-pause on worker for 5s$/m);
    expect(stdout).toMatch(/^back +after hang +5s +5s … ≤15s +await steady state within 10s$/m);
    expect(stdout).toMatch(/^hang +█+$/m);
    expect(stdout).toMatch(/^back +░+…$/m);
    expect(stdout).toMatch(/^Seed \d+\. Parameters: long=5s port=\d+$/m);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('--commands shows what will be executed, and what will undo it', async () => {
    const { stdout } = await plan(hang, ['--commands']);
    expect(stdout).toMatch(/^worker \(process\)\n {2}start {4}node worker\.js --port \d+\n/m);
    expect(stdout).toContain(
      'hang: process-pause on worker for 5s\n' +
        '  inject   SIGSTOP to the process of worker and its descendants\n' +
        '  undo     SIGCONT to the process of worker and its descendants\n',
    );
  });

  test('--format json prints the plan itself, and --set and --seed are in it', async () => {
    const { stdout } = await plan(hang, ['--format', 'json', '--set', 'long=7s', '--set', 'port=4711', '--seed', '12']);
    const found: Plan = JSON.parse(stdout);
    expect(found).toMatchObject({ format: 'chaos-plan/1', seed: 12, parameters: { port: 4711 } });
    expect(found.targets[0]).toMatchObject({ command: ['node', 'worker.js', '--port', '4711'] });
    expect(found.steps.map(({ id, expected }) => [id, expected.earliestEndMs])).toEqual([
      ['hang', 7000],
      ['back', 7000],
    ]);
  });

  test('a port that is left to us is a free one, the same everywhere in the plan', async () => {
    const found: Plan = JSON.parse((await plan(hang, ['--format', 'json'])).stdout);
    const port = Number(found.parameters.port);
    expect(port).toBeGreaterThan(1023);
    expect(found.targets[0]).toMatchObject({ command: ['node', 'worker.js', '--port', String(port)] });
    expect(found.probes[0]!.settings).toMatchObject({ url: `http://127.0.0.1:${port}/` });
  });

  test('--format mermaid prints a flowchart', async () => {
    const { stdout } = await plan(hang, ['--format', 'mermaid']);
    expect(stdout).toMatch(/^flowchart TD\n {2}begin\(\["The worker hangs"\]\)\n/);
    expect(stdout).toContain('  s0 --> s1\n');
  });

  test('a terminal that is said to know only ASCII gets ASCII', async () => {
    const { stdout } = await plan(hang, [], { LC_ALL: 'C' });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is the range that is meant
    expect(stdout).toMatch(/^[\u0000-\u007f]*$/);
    expect(stdout).toMatch(/^hang +#+$/m);
    expect((await plan(hang, [], { LC_ALL: 'C.UTF-8' })).stdout).toContain('█');
  });
});

describe('a scenario that cannot be planned is exit 2 and says why, at its place', () => {
  const refused = async (text: string, argv: string[] = []) => {
    const { exitCode, stdout, stderr } = await plan(text, argv);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).not.toMatch(/^ {4}at /m);
    return stderr;
  };

  test('steps in a circle', async () => {
    const stderr = await refused(hang.replace('for: "${long}"', 'for: 5s, after: back'));
    expect(stderr).toContain('game-day.yaml:15:');
    expect(stderr).toContain('steps wait for each other in a circle: hang -> back -> hang');
    expect(stderr).toContain('"hang" waits until "back" has ended');
  });

  test('a blast radius that is certain to be exceeded', async () => {
    const stderr = await refused(hang, ['--set', 'long=31s']);
    expect(stderr).toContain('when "hang" ends, the system was under fault for at least 31s');
    expect(stderr).toContain('allowed: 30s');
  });

  test('parameters without a value, all of them at once', async () => {
    const text = hang.replace(', default: 5s', '').replace(', default: auto', '');
    const stderr = await refused(text);
    expect(stderr).toContain('parameter "long" needs a value: --set long=...');
    expect(stderr).toContain('parameter "port" needs a value: --set port=...');
    expect((await plan(text, ['--set', 'long=1s', '--set', 'port=8080'])).exitCode).toBe(0);
  });

  test('a parameter that the scenario does not have', async () => {
    expect(await refused(hang, ['--set', 'lnog=3s'])).toContain('"long"');
  });

  test('a file that is not there', async () => {
    const { exitCode, stderr } = await chaos(['plan', 'no-such-file.yaml'], { cwd: folder });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('no-such-file.yaml');
  });
});

test('a warning goes to stderr, and the plan is shown', async () => {
  const { exitCode, stdout, stderr } = await plan(
    hang.replace(', for: "${long}"', '').replace(/ {2}- \{ id: back.*\n/, ''),
  );
  expect(exitCode).toBe(0);
  expect(stderr).toContain('"hang" is undone as soon as it is in force');
  expect(stdout).toContain('process-pause on worker until the timeline ends');
});
