import type { Outcome } from '../../model/event.ts';
import type { PlannedStep } from '../../model/plan.ts';
import type { StepEventName } from '../../model/scenario.ts';
import type { Context } from '../context.ts';
import { Injection } from '../injection/injection.ts';
import { approve } from '../steps/approve.ts';
import { assertCondition, awaitCondition } from '../steps/condition.ts';
import type { StepResult } from '../steps/result.ts';
import { run } from '../steps/run.ts';
import { RunAborted, TimelineStopped } from '../stopping.ts';
import { Timeline } from './timeline.ts';

/** What the timeline came to. */
export interface TimelineOutcome {
  outcome: Outcome;
  message?: string;
}

/**
 * Runs the steps at their times. The first one that fails ends the timeline: what runs is stopped, what is in force is
 * undone, and the rest is not begun, because a system that is not where the scenario wants it is not to be harmed further.
 */
export function runTimeline(context: Context): Promise<TimelineOutcome> {
  return new TimelineRun(context).run();
}

class TimelineRun {
  readonly #context: Context;
  readonly #timeline: Timeline;
  readonly #originMs: number;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #running = new Set<Promise<void>>();
  /** Injections that are held until their group, or the timeline, ends. */
  readonly #openEnded = new Map<string, { step: PlannedStep; injection: Injection }[]>();
  readonly #groups: Groups;
  #wake: () => void = () => undefined;
  #failure: string | undefined;

  constructor(context: Context) {
    this.#context = context;
    this.#timeline = new Timeline(context.plan.steps);
    this.#groups = new Groups(context.plan.steps);
    this.#originMs = context.clock.now();
    this.#signal = AbortSignal.any([context.aborted, this.#stop.signal]);
  }

  async run(): Promise<TimelineOutcome> {
    const { clock } = this.#context;
    while (!this.#signal.aborted) {
      for (const { step, atMs } of this.#timeline.takeDue(clock.now() - this.#originMs)) this.#launch(step, atMs);
      const nextMs = this.#timeline.nextMs();
      if (this.#running.size === 0 && nextMs === undefined) break;
      await this.#sleep(nextMs);
    }
    // What is in force does not wait for steps that take long to stop.
    await Promise.all([...this.#running, this.#signal.aborted ? this.#context.inForce.undoAll() : undefined]);
    for (const group of [...this.#openEnded.keys()].reverse()) await this.#undoOpenEnded(group);
    await this.#context.inForce.undoAll();
    for (const { step, outcome } of this.#groups.open())
      this.#context.emit({
        type: 'step-ended',
        step: step.id,
        outcome: outcome === 'failed' ? 'failed' : 'skipped',
        message: this.#whyStopped(),
      });
    for (const step of this.#timeline.abandon())
      this.#context.emit({ type: 'step-ended', step: step.id, outcome: 'skipped', message: this.#whyStopped() });
    if (this.#context.aborted.aborted) return { outcome: 'unknown', message: this.#whyStopped() };
    return this.#failure === undefined ? { outcome: 'passed' } : { outcome: 'failed', message: this.#failure };
  }

  /** Until the next step is due, or something has happened that may make another one due. */
  async #sleep(nextMs: number | undefined): Promise<void> {
    const woken = new AbortController();
    const wake = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const stopped = onAbort(this.#signal, () => this.#wake());
    const due = nextMs === undefined ? wake : this.#context.clock.sleepUntil(this.#originMs + nextMs, woken.signal);
    await Promise.race([wake, due.catch(() => undefined)]);
    woken.abort();
    stopped();
  }

  #launch(step: PlannedStep, atMs: number): void {
    const running = this.#runStep(step, atMs)
      .catch((error) => this.#context.failed(error))
      .finally(() => {
        this.#running.delete(running);
        this.#wake();
      });
    this.#running.add(running);
  }

  async #runStep(step: PlannedStep, atMs: number): Promise<void> {
    this.#context.emit({ type: 'step-started', step: step.id, plannedMs: this.#originMs + atMs });
    const { action } = step;
    if (action.kind === 'parallel' || action.kind === 'sequence') {
      this.#groups.begun(step.id);
      this.#happened(step.id, 'started', atMs);
      if (this.#groups.isComplete(step.id)) await this.#endGroup(step.id);
      return;
    }
    if (action.kind !== 'inject') this.#happened(step.id, 'started', atMs);
    const result = await this.#execute(step, atMs).catch((error): StepResult => this.#resultOf(error));
    if (result === heldOpen) {
      this.#groups.settled(step);
      await this.#endGroupOf(step);
      return;
    }
    await this.#ended(step, result);
  }

  async #ended(step: PlannedStep, result: StepResult): Promise<void> {
    const { endedMs, ...told } = result;
    this.#context.emit({ type: 'step-ended', step: step.id, ...told });
    if (result.outcome === 'failed' || result.outcome === 'unknown') this.#fail(step, result);
    this.#happened(step.id, 'ended', endedMs ?? this.#nowMs());
    this.#groups.settled(step, result.outcome);
    await this.#endGroupOf(step);
  }

  #execute(step: PlannedStep, atMs: number): Promise<StepResult> {
    const { action } = step;
    switch (action.kind) {
      case 'inject':
        return this.#inject(step, atMs, new Injection(step, action, this.#context));
      case 'await':
        return awaitCondition(action, this.#context, this.#signal);
      case 'assert':
        return assertCondition(action, this.#context, this.#signal);
      case 'run':
        return run(action, this.#context, this.#signal);
      case 'pause':
        return this.#pause(atMs + action.for);
      case 'approve':
        return approve({ id: step.id, ...action }, this.#context, this.#signal);
      default:
        throw new Error(`${action.kind} is a group`);
    }
  }

  /** Aims at the planned time, not at a time after it began: twenty pauses in a row are as exact as one. */
  async #pause(untilMs: number): Promise<StepResult> {
    await this.#context.clock.sleepUntil(this.#originMs + untilMs, this.#signal);
    return { outcome: 'passed', endedMs: untilMs };
  }

  async #inject(step: PlannedStep, atMs: number, injection: Injection): Promise<StepResult> {
    const { inForce, trip, clock } = this.#context;
    if (step.action.kind !== 'inject') throw new Error(`${step.id} is no injection`);
    await inForce.room();
    this.#signal.throwIfAborted();
    const twin = inForce.twinOf(injection);
    if (twin)
      return {
        outcome: 'unknown',
        message: `${twin.id} is in force on ${twin.target}, which bears only one of them at a time`,
      };
    const refusal = inForce.refuses(injection.target);
    if (refusal !== undefined) {
      trip(`${step.id} would exceed the blast radius: ${refusal}`, '/safety/blastRadius');
      return { outcome: 'skipped', message: refusal };
    }
    const { hold } = step.action;
    // By plan; from when it is in force it is known better.
    if (typeof hold === 'object' && 'for' in hold) injection.endsMs = this.#originMs + atMs + hold.for;
    await injection.inject(this.#signal);
    const inForceMs = this.#nowMs();
    this.#happened(step.id, 'started', inForceMs);
    if (hold === 'instant') return { outcome: 'passed' };
    if ('until' in hold) {
      const group = hold.until;
      this.#openEnded.set(group, [...(this.#openEnded.get(group) ?? []), { step, injection }]);
      return heldOpen;
    }
    injection.endsMs = this.#originMs + inForceMs + hold.for;
    await clock.sleepUntil(injection.endsMs, this.#signal).catch(() => undefined);
    await injection.undo();
    return this.#context.aborted.aborted ? { outcome: 'skipped', message: this.#whyStopped() } : { outcome: 'passed' };
  }

  async #endGroupOf({ parent }: PlannedStep): Promise<void> {
    if (parent !== undefined && this.#groups.isComplete(parent)) await this.#endGroup(parent);
  }

  async #endGroup(id: string): Promise<void> {
    await this.#undoOpenEnded(id);
    const { step, outcome } = this.#groups.end(id);
    await this.#ended(step, { outcome });
  }

  /** The last harm first. */
  async #undoOpenEnded(group: string): Promise<void> {
    const open = this.#openEnded.get(group) ?? [];
    this.#openEnded.delete(group);
    for (const { step, injection } of open.reverse()) {
      await injection.undo();
      this.#context.emit({ type: 'step-ended', step: step.id, outcome: 'passed' });
      this.#happened(step.id, 'ended', this.#nowMs());
    }
  }

  #happened(step: string, event: StepEventName, atMs: number): void {
    this.#timeline.happened(step, event, atMs);
    this.#wake();
  }

  #fail(step: PlannedStep, { message }: StepResult): void {
    if (this.#groups.isGroup(step.id)) return; // its member has said why
    this.#failure ??= `${step.id} failed${message ? `: ${message}` : ''}`;
    this.#stop.abort(new TimelineStopped(`not begun, or stopped, because ${step.id} failed`));
  }

  #resultOf(error: unknown): StepResult {
    if (error instanceof RunAborted || error instanceof TimelineStopped)
      return { outcome: 'skipped', message: error.message };
    if (this.#signal.aborted) return { outcome: 'skipped', message: this.#whyStopped() };
    return { outcome: 'failed', message: (error as Error).message };
  }

  #whyStopped(): string {
    return this.#signal.aborted ? (this.#signal.reason as Error).message : 'what it waits for never happened';
  }

  #nowMs(): number {
    return this.#context.clock.now() - this.#originMs;
  }
}

/** In force, and held until its group ends: the step is not over. */
const heldOpen: StepResult = { outcome: 'passed' };

interface Group {
  step: PlannedStep;
  /** Members that have not settled. */
  missing: number;
  /** The worst of its members. */
  outcome: Outcome;
  state: 'waiting' | 'begun' | 'ended';
}

/** Which groups still have members that have not settled, and what their members came to. */
class Groups {
  readonly #groups = new Map<string, Group>();

  constructor(steps: readonly PlannedStep[]) {
    for (const step of steps) {
      const { kind } = step.action;
      if (kind === 'parallel' || kind === 'sequence')
        this.#groups.set(step.id, { step, missing: 0, outcome: 'passed', state: 'waiting' });
      if (step.parent !== undefined) this.#groups.get(step.parent)!.missing += 1;
    }
  }

  isGroup(id: string): boolean {
    return this.#groups.has(id);
  }

  isComplete(id: string): boolean {
    return this.#groups.get(id)!.missing === 0;
  }

  begun(id: string): void {
    this.#groups.get(id)!.state = 'begun';
  }

  end(id: string): Group {
    const group = this.#groups.get(id)!;
    group.state = 'ended';
    return group;
  }

  /** Begun and not ended; the innermost first. */
  open(): Group[] {
    return [...this.#groups.values()].filter(({ state }) => state === 'begun').reverse();
  }

  settled({ parent }: PlannedStep, outcome: Outcome = 'passed'): void {
    const group = parent === undefined ? undefined : this.#groups.get(parent);
    if (!group) return;
    group.missing -= 1;
    if (outcome !== 'passed' && group.outcome !== 'failed') group.outcome = outcome;
  }
}

function onAbort(signal: AbortSignal, listener: () => void): () => void {
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}
