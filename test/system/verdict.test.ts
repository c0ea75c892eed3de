import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { becomes } from '../support/becomes.ts';
import { chaos } from '../support/chaos.ts';
import { GameDay, hello } from './support/game-day.ts';

describe.concurrent('a run', { timeout: 60_000 }, () => {
  it('injects nothing into a system that is not healthy, and is inconclusive', async ({ expect }) => {
    const day = new GameDay(
      `${hello()}timeline:
  - { inject: process-kill, target: hello }
`.replace('every: 20ms', 'every: 20ms, expect: { status: 404 }'),
    );
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.events().some(({ type }) => type === 'injection-armed')).toBe(false);
    expect(day.stderr).toContain('status 200, expected 404');
    expect(day.leftovers()).toEqual([]);
  });

  it('is inconclusive when a fault touched nothing', async ({ expect }) => {
    const day = new GameDay(`version: 1
name: Nobody asks
parameters: { port: { type: port, default: auto } }
targets:
  link: { proxy: { listen: "127.0.0.1:\${port}", upstream: "127.0.0.1:1", protocol: postgres } }
timeline:
  - { id: slow, inject: database-slow, target: link, for: 300ms }
`);
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.report().injections[0]!.effect.seen).toBe('unseen');
  });

  it('fails with a step that fails, and says what it printed', async ({ expect }) => {
    const day = new GameDay(`version: 1
name: Failing step
timeline:
  - { id: smoke, run: [sh, -c, "echo the shop is closed >&2; exit 3"] }
  - { id: never, run: ["true"] }
`);
    expect(await day.end(), day.stderr).toBe(1);
    expect(day.junit()).toContain('the shop is closed');
    expect(day.report().steps.map(({ outcome }) => outcome)).toEqual(['failed', 'skipped']);
  });

  it('fails when the system does not recover', async ({ expect }) => {
    const day = new GameDay(
      `${hello(`recovery: 500ms
timeline:
  - { id: kill, inject: process-kill, target: hello }
`).replace('      restart: { delay: 100ms }\n', '')}`,
    );
    expect(await day.end(), day.stderr).toBe(1);
    expect(day.report().reasons[0]).toContain('did not recover within 500ms');
  });

  it('answers 5 when an undo fails, names the command, and keeps it for chaos recover', async ({ expect }) => {
    const day = new GameDay(`version: 1
name: Stuck
timeline:
  - { id: stuck, inject: command, with: { inject: ["true"], undo: [sh, -c, "exit 9"] }, for: 100ms }
`);
    expect(await day.end(), day.stderr).toBe(5);
    expect(day.stderr).toContain("sh -c 'exit 9'");
    expect(day.report().leftovers).toHaveLength(1);
    expect(day.leftovers()).toHaveLength(1);
  });

  it('is never green when a fault could not be injected, and undoes what there may be of it', async ({ expect }) => {
    const trace = join(tmpdir(), `chaos-test-undone-${process.pid}`);
    const day = new GameDay(
      `version: 1
name: Cannot inject
parameters: { trace: { type: string } }
timeline:
  - { id: bad, inject: command, with: { inject: ["false"], undo: [touch, "\${trace}"] }, for: 100ms }
`,
      { argv: ['--set', `trace=${trace}`] },
    );
    expect(await day.end(), day.stderr).toBe(4);
    expect(existsSync(trace)).toBe(true);
    rmSync(trace);
  });

  it('recovers when all that its author named hold again, and waits for each', async ({ expect }) => {
    const flag = join(tmpdir(), `chaos-recovered-${process.pid}`);
    const day = new GameDay(
      hello(`recovery:
  within: 20s
  until: [answers, { command: [test, -e, "${flag}"] }]
timeline:
  - { inject: process-kill, target: hello }
  - { await: [steady-state, { tcp: "127.0.0.1:\${port}" }], within: 10s }
`),
    );
    const { phase } = await day.until('phase-started', (event) => event.phase === 'recovery');
    expect(phase).toBe('recovery');
    writeFileSync(flag, '');
    expect(await day.end(), day.stderr).toBe(0);
    rmSync(flag);
  });

  it('fails when one of them does not', async ({ expect }) => {
    const day = new GameDay(
      hello(`recovery: { within: 500ms, until: [answers, { command: ["false"] }] }
timeline:
  - pause: 10ms
`),
    );
    expect(await day.end(), day.stderr).toBe(1);
    expect(day.report().reasons[0]).toMatch(/did not recover within 500ms .*answers and the command probe/);
  });

  it('is aborted by Ctrl-C, undoes everything and reports', async ({ expect }) => {
    const day = new GameDay(hello('timeline:\n  - { id: hang, inject: process-pause, target: hello, for: 60s }\n'));
    await day.until('injection-in-force');
    day.signal('SIGINT');
    expect(await day.end(), day.stderr).toBe(3);
    expect(day.report()).toMatchObject({ verdict: 'aborted', injections: [{ state: 'undone', gone: true }] });
    expect(day.leftovers()).toEqual([]);
  });

  it('does not skip the undo when Ctrl-C comes again and again', async ({ expect }) => {
    const flag = join(tmpdir(), `chaos-test-interrupted-${process.pid}`);
    const day = new GameDay(
      `version: 1
name: Slow undo
parameters: { flag: { type: string } }
timeline:
  - { id: slow, inject: command, with: { inject: [touch, "\${flag}"], undo: [sh, -c, "sleep 0.5; rm \\"$0\\"", "\${flag}"] }, for: 60s }
`,
      { argv: ['--set', `flag=${flag}`] },
    );
    await day.until('injection-in-force');
    for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) day.signal(signal);
    expect(await day.end(), day.stderr).toBe(3);
    expect(existsSync(flag)).toBe(false);
  });

  it('is aborted by a safeguard when a probe fails too long', async ({ expect }) => {
    const day = new GameDay(
      hello(`timeline:
  - { id: hang, inject: process-pause, target: hello, for: 60s }
safety:
  abortWhen: [{ probe: answers, failingFor: 700ms }]
`),
    );
    expect(await day.end(), day.stderr).toBe(3);
    expect(day.report().reasons[0]).toContain('answers has been failing for 700ms');
    expect(day.leftovers()).toEqual([]);
  });

  it('is aborted by a safeguard on the error rate of the last samples', async ({ expect }) => {
    const day = new GameDay(
      hello(`timeline:
  - { id: hang, inject: process-pause, target: hello, for: 60s }
safety:
  abortWhen: [{ probe: answers, errorRate: "> 60%", over: 500ms }]
`),
    );
    expect(await day.end(), day.stderr).toBe(3);
    expect(day.report().reasons[0]).toMatch(
      /error rate of answers over the last 500ms was [0-9.]+% \(abort when > 60%\)/,
    );
    expect(day.report().injections[0]).toMatchObject({ state: 'undone', gone: true });
  });

  it('is ended by its sampler when a safeguard is broken and the runner hangs', async ({ expect }) => {
    const day = new GameDay(
      hello(`timeline:
  - { id: hang, inject: process-pause, target: hello, for: 60s }
safety:
  abortWhen: [{ probe: answers, failingFor: 700ms }]
`),
    );
    await day.until('injection-in-force');
    day.signal('SIGSTOP');
    await becomes(() => day.events().some(({ type }) => type === 'run-ended'));
    expect(await day.untilClean()).toEqual([]);
    expect(JSON.parse((await chaos(['report', day.output, '--format', 'json'])).stdout)).toMatchObject({
      verdict: 'aborted',
      reasons: [
        expect.stringContaining('answers has been failing for 700ms'),
        expect.stringContaining('the runner died'),
      ],
      injections: [{ state: 'undone' }],
    });
  });

  it('is aborted when the system was under fault for too long', async ({ expect }) => {
    const day = new GameDay(
      hello(`timeline:
  - { id: hang, inject: process-pause, target: hello }
  - { id: never, await: { tcp: "127.0.0.1:1" }, within: 20s }
safety:
  blastRadius: { duration: 500ms }
`),
    );
    expect(await day.end(), day.stderr).toBe(3);
    expect(day.report().reasons[0]).toContain('under fault for 500ms');
  });

  it('lets one fault follow hard on another, up to the very limits of the blast radius', async ({ expect }) => {
    const day = new GameDay(
      hello(`timeline:
  - { inject: process-pause, target: hello, for: 300ms }
  - { inject: process-pause, target: hello, at: 300ms, for: 300ms }
safety:
  blastRadius: { concurrentFaults: 1, duration: 600ms }
`),
    );
    expect(await day.end(), day.stderr).toBe(0);
  });

  it('stops harming, undoes everything and is inconclusive when its sampler dies', async ({ expect }) => {
    const { descendants } = await import('../../src/host/processes.ts');
    const day = new GameDay(hello('timeline:\n  - { inject: process-pause, target: hello, for: 60s }\n'));
    await day.until('injection-in-force');
    const sampler = descendants(day.pid).find(({ pid }) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sampler.cjs'),
    );
    process.kill(sampler!.pid, 'SIGKILL');
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.report().injections).toMatchObject([{ state: 'undone', gone: true }]);
    expect(day.report().reasons.join()).toContain('sampler failed');
    expect(day.leftovers()).toEqual([]);
  });

  it('keeps the beginning and the end of 30 MB of output', async ({ expect }) => {
    const day = new GameDay(`version: 1
name: Talkative
timeline:
  - { id: talk, run: [sh, -c, "echo first; head -c 30000000 /dev/zero | tr '\\\\0' a; echo; echo last"] }
`);
    expect(await day.end(), day.stderr).toBe(0);
    expect(statSync(join(day.output, 'report.json')).size).toBeLessThan(200_000);
    expect(day.report().steps[0]!.result!.stdout.text).toMatch(/^first\n[\s\S]*last\n$/);
  });

  it('ends grandchildren that outlive a step, also those that left its process group', async ({ expect }) => {
    const day = new GameDay(`version: 1
name: Daemons
timeline:
  - { id: daemon, run: [sh, -c, "sleep 60 & setsid sleep 61 & exit 0"] }
`);
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.leftovers()).toEqual([]);
  });

  it('ends a step at its time limit, with everything it started', async ({ expect }) => {
    const day = new GameDay(`version: 1
name: Too slow
timeline:
  - { id: slow, run: [sh, -c, "trap '' TERM; sleep 60 & wait"], within: 200ms }
`);
    expect(await day.end(), day.stderr).toBe(1);
    expect(day.stderr).toContain('time limit');
    expect(day.leftovers()).toEqual([]);
  });

  it('says which program is missing', async ({ expect }) => {
    const day = new GameDay('version: 1\nname: Missing\ntimeline:\n  - { id: x, run: [no-such-program] }\n');
    expect(await day.end()).toBe(1);
    expect(day.stderr).toContain('there is no program no-such-program');
  });

  it('refuses to believe another service on the port of its target', async ({ expect }) => {
    const { createServer } = await import('node:http');
    const other = createServer((_, response) => response.end('not hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const day = new GameDay(hello('timeline:\n  - pause: 1ms\n'), { argv: ['--set', `port=${port}`] });
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.stderr).toContain('something else already answers');
    other.close();
  });

  it('writes no escapes where there is no terminal, and one line of JSON an event', async ({ expect }) => {
    const day = new GameDay('scenarios/first.yaml', { env: { NO_COLOR: '1' } });
    expect(await day.end()).toBe(0);
    expect(day.stderr).not.toContain('\x1b');
    const lines = readFileSync(join(day.output, 'events.ndjson'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual(lines.map((_, index) => index));
  });

  it('stops a restarted process in good order: process-restart waits until its successor is ready', async ({
    expect,
  }) => {
    const day = new GameDay(
      hello('timeline:\n  - { id: deploy, inject: process-restart, target: hello, with: { grace: 2s } }\n'),
    );
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]!.effect.figures.successorPid).toBeTypeOf('number');
  });
});
