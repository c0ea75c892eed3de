import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processesNamed, processesWithEnvironment } from '../../../src/host/processes.ts';
import type { RunEvent } from '../../../src/model/event.ts';
import type { Report } from '../../../src/model/report.ts';
import { chaosBin, packageRoot } from '../../support/chaos.ts';

const days: GameDay[] = [];

// Tests run side by side, so what they leave is cleared when all of a file are through.
if (process.env.VITEST) {
  const { afterAll } = await import('vitest');
  afterAll(() => {
    for (const day of days) day.clear();
  });
}

/** A run of the built `chaos` in a place of its own: state directory, run folder, scenario. */
export class GameDay {
  readonly place = mkdtempSync(join(tmpdir(), 'chaos-system-'));
  readonly output = join(this.place, 'run');
  readonly #temporary = join(this.place, 'tmp');
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  stderr = '';

  /** @param scenario YAML, or the path of a file @param options.within words that start it elsewhere, such as `ip netns exec` @param options.user who runs it; by default who runs us */
  constructor(
    scenario: string,
    {
      argv = [],
      env = {},
      within = [],
      user,
    }: { argv?: string[]; env?: Record<string, string>; within?: string[]; user?: number } = {},
  ) {
    let file = scenario;
    if (scenario.includes('\n')) {
      file = join(this.place, 'game-day.yaml');
      writeFileSync(file, scenario);
    }
    chmodSync(this.place, 0o711); // as /tmp is: others may pass through
    mkdirSync(this.#temporary, { mode: 0o711 });
    if (user !== undefined) for (const path of [this.place, this.#temporary]) chownSync(path, user, user);
    const [program, ...rest] = [...within, process.execPath, chaosBin, 'run', file, '--output', this.output, ...argv];
    this.#child = spawn(program!, rest, {
      cwd: packageRoot,
      env: {
        ...process.env,
        GITHUB_ACTIONS: '',
        GITHUB_STEP_SUMMARY: '',
        XDG_STATE_HOME: this.place,
        TMPDIR: this.#temporary,
        ...env,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(user === undefined ? {} : { uid: user, gid: user }),
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#exited = new Promise((resolve) => this.#child.once('close', (code) => resolve(code)));
    days.push(this);
  }

  clear(): void {
    this.#child.kill('SIGKILL');
    rmSync(this.place, { recursive: true, force: true });
  }

  end(): Promise<number | null> {
    return this.#exited;
  }

  /** Waits until it has said something like that. */
  async says(words: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = words.exec(this.stderr);
      if (found) return found;
      if (this.#child.exitCode !== null) throw new Error(`the run ended without saying ${words}:\n${this.stderr}`);
      await delay(5);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Waits until a process of ours beside the runner has its name. @param name `chaos-guardian`, say @returns its pid */
  async helper(name: string): Promise<number> {
    await this.until('run-started');
    for (;;) {
      const found = processesNamed(name).find(({ parent }) => parent === this.pid);
      if (found) return found.pid;
      if (this.#child.exitCode !== null) throw new Error(`the run ended without ${name}:\n${this.stderr}`);
      await delay(5);
    }
  }

  events(): RunEvent[] {
    const file = join(this.output, 'events.ndjson');
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => {
        try {
          return [JSON.parse(line) as RunEvent];
        } catch {
          return []; // empty, or torn
        }
      });
  }

  report(): Report {
    return JSON.parse(readFileSync(join(this.output, 'report.json'), 'utf8'));
  }

  junit(): string {
    return readFileSync(join(this.output, 'junit.xml'), 'utf8');
  }

  /** Waits until an event has happened. */
  async until<T extends RunEvent['type']>(
    type: T,
    matches: (event: Extract<RunEvent, { type: T }>) => boolean = () => true,
  ): Promise<Extract<RunEvent, { type: T }>> {
    for (;;) {
      const found = this.events().find(
        (event): event is Extract<RunEvent, { type: T }> => event.type === type && matches(event as never),
      );
      if (found) return found;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`the run ended without ${type}:\n${this.stderr}`);
      await delay(5);
    }
  }

  /** What is left of the run on this machine: its processes, its temporary files, and undos that were not done. */
  leftovers(): string[] {
    const run = this.events().find((event) => event.type === 'run-started')?.run;
    const processes = run === undefined ? [] : processesWithEnvironment('CHAOS_RUN', run);
    const journals = join(this.place, 'chaos', 'journals');
    return [
      ...processes.map(({ pid, name, code }) => `process ${pid} ${name} ${code}`),
      ...(existsSync(journals) ? readdirSync(journals) : []),
      ...(existsSync(this.#temporary) ? readdirSync(this.#temporary) : []),
    ];
  }

  /** Waits until nothing is left. @returns what is left after ten seconds */
  async untilClean(): Promise<string[]> {
    for (let left = 2000; ; left -= 1) {
      const leftovers = this.leftovers();
      if (leftovers.length === 0 || left === 0) return leftovers;
      await delay(5);
    }
  }
}

/** A service that is supervised and probed; what happens to it is added. */
export const hello = (extra = ''): string => `version: 1
name: Test
parameters:
  port: { type: port, default: auto }
targets:
  hello:
    process:
      command: [node, demo/hello/server.js]
      env: { PORT: "\${port}" }
      ready: { http: "http://127.0.0.1:\${port}/" }
      restart: { delay: 100ms }
steadyState:
  - { id: answers, http: "http://127.0.0.1:\${port}/", every: 20ms, timeout: 500ms }
baseline: 300ms
${extra}`;
