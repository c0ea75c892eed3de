import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { identify, processesWithEnvironment, processState } from '../../src/host/processes.ts';
import { becomes } from '../support/becomes.ts';
import { chaosBin, packageRoot } from '../support/chaos.ts';
import { needs } from '../support/needs.ts';
import { GameDay, hello } from './support/game-day.ts';

/*
 * Whatever a run dies of. SIGKILL has a file of its own: killed.test.ts.
 */

const hang = hello('timeline:\n  - { id: hang, inject: process-pause, target: hello, for: 60s }\n');

/** A module that is loaded into the runner, and into nothing that it starts. */
function inRunner(day: { place: string }, code: string): Record<string, string> {
  const file = join(day.place, 'preload.mjs');
  writeFileSync(file, `if (process.argv[1]?.endsWith('chaos.cjs')) { delete process.env.NODE_OPTIONS; ${code} }`);
  return { NODE_OPTIONS: `--import=${file}` };
}

const elsewhere = () => ({ place: mkdtempSync(join(tmpdir(), 'chaos-death-')) });

describe.concurrent('whatever a run dies of, nothing is left behind', { timeout: 60_000 }, () => {
  it('an exception in the runner', async ({ expect }) => {
    const about = elsewhere();
    const day = new GameDay(hang, { env: inRunner(about, "setTimeout(() => { throw new Error('boom'); }, 2000);") });
    await day.until('injection-in-force');
    expect(await day.end()).toBe(70);
    expect(day.stderr).toContain('boom');
    expect(await day.untilClean()).toEqual([]);
    rmSync(about.place, { recursive: true });
  });

  it('a promise that nobody waited for', async ({ expect }) => {
    const about = elsewhere();
    const day = new GameDay(hang, {
      env: inRunner(about, "setTimeout(() => Promise.reject(new Error('boom')), 2000);"),
    });
    await day.until('injection-in-force');
    expect(await day.end()).toBe(70);
    expect(await day.untilClean()).toEqual([]);
    rmSync(about.place, { recursive: true });
  });

  it('no memory left', async ({ expect }) => {
    const about = elsewhere();
    const eat = 'setTimeout(() => { const all = []; for (;;) all.push(new Array(1e5).fill(all.length)); }, 2000);';
    const { NODE_OPTIONS } = inRunner(about, eat);
    const day = new GameDay(hang, { env: { NODE_OPTIONS: `${NODE_OPTIONS} --max-old-space-size=64` } });
    await day.until('injection-in-force');
    await day.end();
    expect(day.stderr).toContain('heap out of memory');
    expect(await day.untilClean()).toEqual([]);
    rmSync(about.place, { recursive: true });
  });

  it('its terminal is gone', async ({ expect }) => {
    const place = mkdtempSync(join(tmpdir(), 'chaos-death-'));
    writeFileSync(join(place, 'game-day.yaml'), hang);
    const command = `exec ${process.execPath} ${chaosBin} run ${place}/game-day.yaml --output ${place}/run`;
    const terminal = spawn('script', ['-qfc', command, '/dev/null'], {
      cwd: packageRoot,
      env: { ...process.env, XDG_STATE_HOME: place },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const events = () => readFileSync(join(place, 'run', 'events.ndjson'), 'utf8');
    await becomes(() => events().includes('"injection-in-force"'));
    terminal.kill('SIGKILL');
    await becomes(() => events().includes('"run-ended"'));
    expect(events()).toContain('ended by SIGHUP');
    expect(events()).toMatch(/"injection-undone".*"gone":true/);
    const run = JSON.parse(events().split('\n')[0]!).run as string;
    await becomes(() => processesWithEnvironment('CHAOS_RUN', run).length === 0);
    rmSync(place, { recursive: true });
  });

  it.for([
    ['standard input', '<&-'],
    ['standard output', '>&-'],
    ['standard error', '2>&-'],
    ['every stream', '<&- >&- 2>&-'],
  ])('%s was closed before it began', async ([, closed], { expect }) => {
    const day = new GameDay(hello('timeline:\n  - { inject: process-pause, target: hello, for: 100ms }\n'), {
      within: ['sh', '-c', `exec "$@" ${closed}`, 'sh'],
    });
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report()).toMatchObject({ verdict: 'passed', injections: [{ state: 'undone', gone: true }] });
    expect(day.leftovers()).toEqual([]);
  });

  it('nobody reads what it prints any more', async ({ expect }) => {
    const day = new GameDay(hello('timeline:\n  - { inject: process-pause, target: hello, for: 100ms }\n'), {
      within: ['bash', '-c', '"$@" 2> >(head -c 1)', 'bash'],
    });
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report()).toMatchObject({ verdict: 'passed', injections: [{ state: 'undone', gone: true }] });
  });

  it('whoever reads what it prints has stopped: the run does not wait for it', async ({ expect }) => {
    const place = mkdtempSync(join(tmpdir(), 'chaos-death-'));
    spawnSync('mkfifo', [join(place, 'fifo')]);
    const reader = spawn('sleep', ['60'], { stdio: 'ignore' });
    // Its reader opens it and never reads.
    const hold = spawn('sh', ['-c', 'exec 3<"$0"; sleep 60', join(place, 'fifo')], { stdio: 'ignore' });
    const many = Array.from({ length: 1500 }, (_, index) => `  - { id: step-${index}, pause: 1ms }\n`).join('');
    const day = new GameDay(
      `version: 1
name: Says much
targets: { sleeper: { running: { pid: ${reader.pid} } } }
timeline:
  - { id: hold, inject: process-pause, target: sleeper, at: 0s, for: 2s }
  - { id: first, at: 50ms, pause: 1ms }
${many}`,
      { within: ['sh', '-c', 'fifo=$0; exec "$@" 2> "$fifo"', join(place, 'fifo')] },
    );
    expect(await day.end()).toBe(0);
    expect(day.report().durationMs).toBeLessThan(20_000);
    expect(processState(identify(reader.pid!)!).state).toBe('running');
    reader.kill('SIGKILL');
    hold.kill('SIGKILL');
    rmSync(place, { recursive: true });
  });

  it('the disk that the journal lies on is full: then nothing is injected', async (context) => {
    needs(context, 'root', 'mount');
    const state = mkdtempSync(join(tmpdir(), 'chaos-death-'));
    mkdirSync(join(state, 'chaos'));
    // One page: it holds the beginning, and not the undos of thirty injections.
    const within = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount -t tmpfs -o size=4k tmpfs "$0/chaos" && XDG_STATE_HOME="$0" exec "$@"',
      state,
    ];
    const steps = Array.from(
      { length: 30 },
      (_, index) => `  - { id: pause-${index}, inject: process-pause, target: sleeper, for: 10ms }\n`,
    );
    const sleeper = spawn('sleep', ['60'], { stdio: 'ignore' });
    const day = new GameDay(
      `version: 1\nname: Full\ntargets: { sleeper: { running: { pid: ${sleeper.pid} } } }\ntimeline:\n${steps.join('')}`,
      { within },
    );
    context.expect(await day.end(), day.stderr).toBe(4);
    const failed = day.events().filter((event) => event.type === 'injection-failed');
    context.expect(failed).toHaveLength(1);
    context.expect(failed[0]!.message).toContain('ENOSPC');
    const armed = day.events().filter(({ type }) => type === 'injection-armed');
    const undone = day.events().filter(({ type }) => type === 'injection-undone');
    context.expect(undone).toHaveLength(armed.length);
    context.expect(processState(identify(sleeper.pid!)!).state).toBe('running');
    sleeper.kill('SIGKILL');
    rmSync(state, { recursive: true });
  });

  it('its runner is killed when the disk of the journal is full', async (context) => {
    needs(context, 'root', 'mount');
    const state = mkdtempSync(join(tmpdir(), 'chaos-death-'));
    mkdirSync(join(state, 'chaos'));
    const mounted = 'mount -t tmpfs -o size=16k tmpfs "$0/chaos"';
    const filled = '(sleep 2; head -c 1M /dev/zero > "$0/chaos/full") 2>/dev/null &';
    const within = ['unshare', '--mount', 'sh', '-c', `${mounted} && ${filled} XDG_STATE_HOME="$0" exec "$@"`, state];
    const sleeper = spawn('sleep', ['60'], { stdio: 'ignore' });
    const day = new GameDay(
      `version: 1
name: Full later
targets: { sleeper: { running: { pid: ${sleeper.pid} } } }
timeline:
  - { inject: process-pause, target: sleeper, for: 60s }
`,
      { within },
    );
    await day.until('injection-in-force');
    await delay(2500);
    context.expect(processState(identify(sleeper.pid!)!).state).toBe('stopped');
    day.signal('SIGKILL');
    await becomes(() => processState(identify(sleeper.pid!)!).state === 'running');
    context.expect(await day.untilClean()).toEqual([]);
    sleeper.kill('SIGKILL');
    rmSync(state, { recursive: true });
  });

  it("the machine sleeps: what was missed meanwhile is nobody's failure, and not passed over", async ({ expect }) => {
    const day = new GameDay(hello('timeline:\n  - pause: 1500ms\n'));
    await day.until('phase-started', ({ phase }) => phase === 'timeline');
    const { run } = await day.until('run-started');
    const all = [day.pid, ...processesWithEnvironment('CHAOS_RUN', run).map(({ pid }) => pid)];
    for (const pid of all) process.kill(pid, 'SIGSTOP');
    await delay(1200);
    for (const pid of all) process.kill(pid, 'SIGCONT');
    expect(await day.end(), day.stderr).toBe(4);
    const { probes, reasons } = day.report();
    expect(probes[0]!.bad).toBe(0);
    expect(reasons).toEqual([expect.stringContaining('could not be measured')]);
  });
});
