import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** Nothing is measured: a busy machine must not decide. */
const short = `version: 1
name: Short
targets: { sleeper: { process: { command: [sleep, "100"] } } }
timeline:
  - { inject: process-pause, target: sleeper, for: 100ms }
`;

/** Something that happens in the runner, and in nothing that it starts, when it is told to. */
class InRunner {
  readonly #place = mkdtempSync(join(tmpdir(), 'chaos-death-'));
  readonly options: string;

  constructor(code: string) {
    const file = join(this.#place, 'preload.mjs');
    writeFileSync(
      file,
      `import { existsSync } from 'node:fs';
if (process.argv[1]?.endsWith('chaos.cjs')) {
  delete process.env.NODE_OPTIONS;
  const waiting = setInterval(() => {
    if (!existsSync('${this.#place}/now')) return;
    clearInterval(waiting);
    ${code}
  }, 10).unref();
}`,
    );
    this.options = `--import=${file}`;
  }

  happens(): void {
    writeFileSync(join(this.#place, 'now'), '');
  }

  remove(): void {
    rmSync(this.#place, { recursive: true });
  }
}

describe.concurrent('whatever a run dies of, nothing is left behind', { timeout: 60_000 }, () => {
  it.for([
    ['an exception', "throw new Error('boom');"],
    ['a promise that nobody waited for', "void Promise.reject(new Error('boom'));"],
  ])('%s in the runner', async ([, code = ''], { expect }) => {
    const defect = new InRunner(code);
    const day = new GameDay(hang, { env: { NODE_OPTIONS: defect.options } });
    await day.until('injection-in-force');
    defect.happens();
    expect(await day.end()).toBe(70);
    expect(day.stderr).toContain('boom');
    expect(await day.untilClean()).toEqual([]);
    defect.remove();
  });

  it('no memory left', async ({ expect }) => {
    const hunger = new InRunner('const all = []; for (;;) all.push(new Array(1e5).fill(all.length));');
    const day = new GameDay(hang, { env: { NODE_OPTIONS: `${hunger.options} --max-old-space-size=64` } });
    await day.until('injection-in-force');
    hunger.happens();
    await day.end();
    expect(day.stderr).toContain('heap out of memory');
    expect(await day.untilClean()).toEqual([]);
    hunger.remove();
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
    const day = new GameDay(short, {
      within: ['sh', '-c', `exec "$@" ${closed}`, 'sh'],
    });
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report()).toMatchObject({ verdict: 'passed', injections: [{ state: 'undone', gone: true }] });
    expect(day.leftovers()).toEqual([]);
  });

  it('nobody reads what it prints any more', async ({ expect }) => {
    const day = new GameDay(short, {
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
    const filled =
      '(until [ -e "$0/now" ]; do sleep 0.05; done; head -c 1M /dev/zero > "$0/chaos/full"; touch "$0/full") 2>/dev/null &';
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
    writeFileSync(join(state, 'now'), '');
    await becomes(() => existsSync(join(state, 'full')));
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
