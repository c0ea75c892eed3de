import { type ChildProcess, spawn } from 'node:child_process';
import { marked } from '../../host/mark.ts';
import { identify } from '../../host/processes.ts';
import { revealed } from '../../host/secrets.ts';
import { stopGroup } from '../../host/stop.ts';
import { timerMs } from '../../model/duration.ts';
import type { Sample } from '../../model/event.ts';
import type { ProcessIdentity } from '../../model/operation.ts';
import type { ProbeSpec, ProcessTarget } from '../../model/scenario.ts';
import type { Clock } from '../clock.ts';
import type { Emit } from '../event-log.ts';
import type { Journal } from '../journal/journal.ts';
import { TargetFailed, untilReady } from './readiness.ts';
import { TargetLog } from './target-log.ts';

/** How often is asked whether somebody is there already, when it could not be measured. */
const mostQuestions = 20;

export interface SupervisorOptions {
  run: string;
  clock: Clock;
  emit: Emit;
  journal: Journal;
  /** A folder that is removed when the run is over, told to the target as CHAOS_SCRATCH. */
  scratch: string;
  /** Words that stand before its command; each program in them becomes the next. */
  within: string[];
  /** Added to its environment. */
  environment: Record<string, string>;
  /** Where the target's output goes. */
  logFile: string;
  probe(spec: ProbeSpec): Promise<Sample>;
}

/** How the supervised process stands. */
type State =
  | { state: 'down' }
  | { state: 'up'; process: ProcessIdentity; exited: Promise<void> }
  /** It ended by itself; its successor starts after the delay. */
  | { state: 'waiting'; timer: NodeJS.Timeout };

/** Starts a process target, starts it again when it ends unasked and the scenario says so, and stops it whole. */
export class Supervisor {
  readonly target: ProcessTarget;
  readonly #options: SupervisorOptions;
  readonly #log: TargetLog;
  #state: State = { state: 'down' };
  #generation = 0;
  #restarts = 0;
  /** An exit that we ask for is not restarted. */
  #stopping = false;
  #gone = new AbortController();
  #readying: Promise<void> = Promise.resolve();

  constructor(target: ProcessTarget, options: SupervisorOptions) {
    this.target = target;
    this.#options = options;
    this.#log = new TargetLog(options.logFile);
  }

  /** @returns the process as it runs now; `undefined` while it is down or waits for its restart */
  get process(): ProcessIdentity | undefined {
    return this.#state.state === 'up' ? this.#state.process : undefined;
  }

  /** Resolves when it is ready. @throws TargetFailed */
  async start(signal: AbortSignal): Promise<void> {
    await this.#refuseIfSomebodyAnswers();
    signal.throwIfAborted();
    this.#launch('asked');
    await this.#untilReadyOr(signal);
  }

  async #untilReadyOr(signal: AbortSignal): Promise<void> {
    const giveUp = () => this.#gone.abort(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      await this.#readying;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Stops it and starts its successor. Resolves when that is ready. */
  async restart(signal: NodeJS.Signals, graceMs: number, aborted: AbortSignal): Promise<void> {
    await this.#end(signal, graceMs);
    aborted.throwIfAborted();
    this.#stopping = false;
    this.#gone = new AbortController();
    this.#launch('asked');
    await this.#untilReadyOr(aborted);
  }

  /** Ends it with its whole process group. */
  async stop(): Promise<void> {
    const wasUp = this.#state.state !== 'down';
    const forced = await this.#end(this.target.stop.signal, this.target.stop.grace);
    if (wasUp) this.#options.emit({ type: 'target-stopped', target: this.target.id, forced });
    this.#log.close();
  }

  async #end(signal: NodeJS.Signals, graceMs: number): Promise<boolean> {
    this.#stopping = true;
    this.#gone.abort(new TargetFailed(`${this.target.id} was stopped`));
    await this.#readying.catch(() => undefined);
    const state = this.#state;
    if (state.state === 'waiting') clearTimeout(state.timer);
    if (state.state !== 'up') {
      this.#state = { state: 'down' };
      return false;
    }
    const how = await stopGroup(state.process, signal, graceMs);
    await state.exited;
    return how === 'forced';
  }

  #launch(why: 'asked' | 'by policy'): void {
    const { id, cwd } = this.target;
    const { command, env } = revealed({ command: this.target.command, env: this.target.env });
    const { emit, run, clock, scratch, within, environment } = this.#options;
    this.#generation += 1;
    const generation = this.#generation;
    const startedMs = clock.now();
    const [file, ...rest] = [...within, ...command] as unknown as [string, ...string[]];
    const child = spawn(file, rest, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, CHAOS_SCRATCH: scratch, ...env, ...environment, ...marked(run) },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#log.follow(child);
    if (child.pid === undefined) {
      this.#readying = new Promise((_, reject) => {
        child.once('error', (error: NodeJS.ErrnoException) => reject(this.#failed(startFailure(file, cwd, error))));
      });
      this.#readying.catch(() => undefined);
      return;
    }
    const identity = identify(child.pid) ?? { pid: child.pid, startTime: '' };
    emit({ type: 'target-started', target: id, pid: child.pid, generation });
    const diedEarly = new AbortController();
    this.#state = { state: 'up', process: identity, exited: this.#untilExit(child, identity, diedEarly) };
    const until = AbortSignal.any([this.#gone.signal, diedEarly.signal]);
    this.#readying = this.#untilReady(until).then(() => {
      emit({ type: 'target-ready', target: id, pid: identity.pid, generation, afterMs: clock.now() - startedMs });
    });
    this.#readying.catch((error) => {
      // A successor that dies early is started again by the policy: that is no failure yet.
      if (error instanceof TargetFailed && !this.#stopping && (why === 'asked' || !diedEarly.signal.aborted))
        this.#failed(error.message);
    });
  }

  async #untilReady(signal: AbortSignal): Promise<void> {
    const { ready } = this.target;
    if (ready) await untilReady(ready, this.#options, signal);
    signal.throwIfAborted();
  }

  async #untilExit(child: ChildProcess, identity: ProcessIdentity, diedEarly: AbortController): Promise<void> {
    const { id, stop } = this.target;
    // The run's mark would find it too; its group is found even when it clears its environment.
    const undo = this.#options.journal.arm({
      op: 'stop-group',
      process: identity,
      signal: stop.signal,
      grace: stop.grace,
    });
    undo.catch(() => undefined); // a journal that cannot be written stops the run before the next injection
    const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
      child.once('exit', (code, by) => resolve([code, by])),
    );
    const expected = this.#stopping;
    const how = signal === null ? `exited with ${exitCode}` : `was ended by ${signal}`;
    const lastOutput = this.#log.lastOutput();
    this.#options.emit({
      type: 'target-exited',
      target: id,
      pid: identity.pid,
      exitCode,
      signal,
      expected,
      lastOutput,
    });
    // As an init system does: nothing of the predecessor is left when the successor starts.
    await stopGroup(identity, 'SIGKILL', 0).catch(() => undefined);
    await undo.then((entry) => this.#options.journal.strike(entry)).catch(() => undefined);
    this.#state = { state: 'down' };
    diedEarly.abort(new TargetFailed(`${id} ${how} before it was ready`));
    if (!expected && !this.#stopping) this.#scheduleRestart();
  }

  #scheduleRestart(): void {
    const { restart, id } = this.target;
    if (!restart) return;
    if (restart.max !== undefined && this.#restarts >= restart.max) {
      this.#failed(`${id} ended again after ${restart.max} restarts`);
      return;
    }
    this.#restarts += 1;
    const timer = setTimeout(() => this.#launch('by policy'), timerMs(restart.delay));
    this.#state = { state: 'waiting', timer };
  }

  #failed(message: string): TargetFailed {
    this.#options.emit({ type: 'target-failed', target: this.target.id, message, lastOutput: this.#log.lastOutput() });
    return new TargetFailed(message);
  }

  /** Were another copy to answer in its place, everything measured would be about that one. */
  async #refuseIfSomebodyAnswers(): Promise<void> {
    const { ready, id } = this.target;
    if (!ready || ready.probe.kind === 'command') return;
    let sample = await this.#options.probe(ready.probe);
    // Not measured (a busy machine held the sampler up) is no answer.
    for (let again = 0; sample.state === 'unmeasured' && again < mostQuestions; again += 1)
      sample = await this.#options.probe(ready.probe);
    if (sample.state === 'good')
      throw this.#failed(`something else already answers where ${id} is to be ready: is another copy running?`);
  }
}

function startFailure(file: string, cwd: string | undefined, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT')
    return cwd === undefined ? `there is no program ${file}` : `there is no program ${file}, or no directory ${cwd}`;
  return `${file} could not be started: ${error.message}`;
}
