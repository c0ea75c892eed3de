import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { descendants } from '../../src/host/processes.ts';
import { becomes } from '../support/becomes.ts';
import { chaos, chaosBin } from '../support/chaos.ts';
import { GameDay, hello } from './support/game-day.ts';

/** What goes wrong around a run, and must neither make it green, nor hang it, nor leave anything behind. */
describe.concurrent('a run', { timeout: 60_000 }, () => {
  it('is not green when a fault that was in force at first did not last', async ({ expect }) => {
    const day = new GameDay(
      hello('timeline:\n  - { id: hang, inject: process-pause, target: hello, with: { tree: false }, for: 1s }\n'),
    );
    const { pid } = await day.until('target-ready');
    await day.until('injection-in-force');
    process.kill(pid!, 'SIGCONT'); // somebody helps
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.report().injections[0]!.effect.seen).toBe('unseen');
  });

  it('does not hold against the system what nobody saw', async ({ expect }) => {
    const day = new GameDay(
      hello(`recovery: 300ms
timeline:
  - { inject: process-pause, target: hello, for: 100ms }
`).replace('every: 20ms', 'every: 20s'),
    );
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.report()).toMatchObject({ verdict: 'inconclusive' });
  });

  it('waits for every answer that was due while an assertion had to hold', async ({ expect }) => {
    const day = new GameDay(
      hello(`timeline:
  - parallel:
      - { id: promise, assert: steady-state, for: 1s }
      - { inject: process-pause, target: hello, at: 800ms, for: 1s }
`),
    );
    expect(await day.end(), day.stderr).toBe(1);
    expect(day.report().steps.find(({ id }) => id === 'promise')!.outcome).toBe('failed');
  });

  it('injects nothing while the first answers are still outstanding', async ({ expect }) => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      if (asked > 4) return; // hangs
      response.end('ok');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const day = new GameDay(`version: 1
name: Hangs early
steadyState:
  - { id: answers, http: "http://127.0.0.1:${port}/", every: 50ms, timeout: 2s }
baseline: 500ms
timeline:
  - { inject: command, with: { inject: ["true"] } }
`);
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.events().some(({ type }) => type === 'injection-armed')).toBe(false);
    server.close();
    server.closeAllConnections();
  });

  it('lets a program take weeks', async ({ expect }) => {
    const day = new GameDay(
      'version: 1\nname: Weeks\ntimeline:\n  - { id: long, run: [sleep, "0.2"], within: 1000h }\n',
    );
    expect(await day.end(), day.stderr).toBe(0);
  });

  it('undoes at once on Ctrl-C, though a restart and a question take long', async ({ expect }) => {
    const flag = join(tmpdir(), `chaos-test-once-${process.pid}`);
    const day = new GameDay(
      `version: 1
name: Slow to stop
parameters: { port: { type: port, default: auto }, flag: { type: string } }
targets:
  silent: { process: { command: [sleep, "1000"] } }
  once:
    process:
      command: [sh, -c, 'if [ -e "$0" ]; then exec sleep 1000; fi; touch "$0"; exec node demo/hello/server.js', "\${flag}"]
      env: { PORT: "\${port}" }
      ready: { http: "http://127.0.0.1:\${port}/", within: 40s }
timeline:
  - { id: hang, inject: process-pause, target: silent }
  - parallel:
      - { id: deploy, inject: process-restart, target: once }
      - { id: ask, await: { command: [sleep, "40"], timeout: 40s }, within: 40s }
`,
      { argv: ['--set', `flag=${flag}`] },
    );
    await day.until('step-started', ({ step }) => step === 'ask');
    await day.until('target-started', ({ target, generation }) => target === 'once' && generation > 1);
    const atMs = performance.now();
    day.signal('SIGINT');
    expect(await day.end(), day.stderr).toBe(3);
    expect(performance.now() - atMs).toBeLessThan(20_000);
    expect(day.report().injections[0]).toMatchObject({ step: 'hang', state: 'undone', gone: true });
    expect(day.leftovers()).toEqual([]);
    rmSync(flag);
  });

  it('ends a proxy that does not answer any more', async ({ expect }) => {
    const day = new GameDay(`version: 1
name: Stopped proxy
parameters: { port: { type: port, default: auto } }
targets:
  link: { proxy: { listen: "127.0.0.1:\${port}", upstream: "127.0.0.1:1" } }
timeline:
  - { id: slow, inject: network-delay, target: link, with: { latency: 10ms }, for: 200ms }
`);
    await day.until('injection-in-force');
    process.kill(await day.helper('chaos-proxy'), 'SIGSTOP');
    expect(await day.end(), day.stderr).toBe(5);
    expect(await day.untilClean()).toEqual([expect.stringContaining('.ndjson')]);
  });

  it('counts what a proxy did when a signal for the whole group ends the run', async ({ expect }) => {
    const day = new GameDay(
      hello('timeline:\n  - { id: slow, inject: network-delay, target: link, with: { latency: 50ms }, for: 60s }\n')
        .replace('port: { type', 'link: { type: port, default: auto }\n  port: { type')
        .replace(
          'targets:',
          'targets:\n  link: { proxy: { listen: "127.0.0.1:${link}", upstream: "127.0.0.1:${port}" } }',
        )
        .replace('answers, http: "http://127.0.0.1:${port}/"', 'answers, http: "http://127.0.0.1:${link}/"'),
    );
    const { atMs } = await day.until('injection-in-force');
    await day.until('samples', ({ samples }) => samples.some(({ dueMs }) => dueMs > atMs + 300));
    for (const { pid, name } of descendants(day.pid)) if (name.startsWith('chaos-')) process.kill(pid, 'SIGTERM');
    day.signal('SIGTERM');
    expect(await day.end(), day.stderr).toBe(3);
    expect(day.report()).toMatchObject({ reasons: ['ended by SIGTERM'], injections: [{ effect: { seen: 'seen' } }] });
  });

  it('is ended, undone and told when its event log cannot be written', async ({ expect }) => {
    const day = new GameDay(hello('timeline:\n  - { id: hang, inject: process-pause, target: hello, for: 60s }\n'), {
      within: ['prlimit', `--fsize=${16 * 1024}`],
    });
    expect(await day.end(), day.stderr).not.toBe(0);
    expect(day.stderr).toContain('event log');
    expect(await day.untilClean()).toEqual([]);
  });

  it('does not harm what it was started from, nor the first process, unless its author means it', async ({
    expect,
  }) => {
    const scenario = (pid: number) => `version: 1
name: Protected
targets: { it: { running: { pid: ${pid} } } }
timeline:
  - { inject: process-pause, target: it, for: 100ms }
`;
    for (const [pid, why] of [
      [1, 'the first process of the system (safety: { allow: [init] } allows it)'],
      [process.pid, 'what this run was started from'],
    ] as const) {
      const day = new GameDay(scenario(pid));
      expect(await day.end()).toBe(4);
      expect(day.stderr.replaceAll(/\s+/g, ' ')).toContain(`it: pid ${pid} is protected: it is ${why}`);
      expect(day.events().some(({ type }) => type === 'injection-armed')).toBe(false);
    }
  });

  it('that is stuck is ended by its guardian when its time is over, and everything is undone', async ({ expect }) => {
    const day = new GameDay(
      hello(`timeline:
  - { id: hang, inject: process-pause, target: hello, for: 60s }
safety: { maxDuration: 2s }
`)
        .replace('baseline: 300ms', 'baseline: 0ms')
        .replace('ready: { http', 'stop: { grace: 1s }\n      ready: { http'),
    );
    await day.until('injection-in-force');
    process.kill(day.pid, 'SIGSTOP');
    expect(await day.end()).toBe(null); // killed
    expect(await day.untilClean()).toEqual([]);
  });

  it('removes nothing from a folder that no run wrote', async ({ expect }) => {
    const day = new GameDay('version: 1\nname: Elsewhere\ntimeline:\n  - { id: x, run: ["true"] }\n');
    await day.end();
    const project = join(day.place, 'project');
    mkdirSync(join(project, 'logs'), { recursive: true });
    writeFileSync(join(project, 'logs', 'prod.log'), 'precious');
    const { exitCode, stderr } = await chaos(['run', join(day.place, 'game-day.yaml'), '--output', project]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('not of an earlier run');
    expect(readFileSync(join(project, 'logs', 'prod.log'), 'utf8')).toBe('precious');
  });

  it('is told to its end where it was begun, though its folder was named relative to another place', async ({
    expect,
  }) => {
    const place = mkdtempSync(join(tmpdir(), 'chaos-system-'));
    writeFileSync(join(place, 'wait.yaml'), 'version: 1\nname: Waits\ntimeline:\n  - pause: 60s\n');
    const child = spawn(process.execPath, [chaosBin, 'run', 'wait.yaml', '--output', 'here'], {
      cwd: place,
      env: { ...process.env, XDG_STATE_HOME: place },
      stdio: 'ignore',
    });
    const told = () => readFileSync(join(place, 'here', 'events.ndjson'), 'utf8');
    await becomes(() => told().includes('"phase":"timeline"'));
    child.kill('SIGKILL');
    await becomes(() => told().includes('"type":"run-ended"'));
    expect(told().match(/run-ended/g)).toHaveLength(1);
    rmSync(place, { recursive: true });
  });

  it('does not take its own helpers for a process that is to be harmed', async ({ expect }) => {
    const day = new GameDay(hello('timeline:\n  - { inject: process-pause, target: hello, for: 200ms }\n'));
    await day.until('injection-in-force');
    const family = descendants(day.pid);
    expect(family.filter(({ name }) => name.startsWith('chaos-')).length).toBeGreaterThan(1);
    expect(family.filter(({ name }) => name === 'node')).toHaveLength(1); // the server
    expect(await day.end(), day.stderr).toBe(0);
  });
});
