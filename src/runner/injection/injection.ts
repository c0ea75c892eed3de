import { faultNamed } from '../../injectors/registry.ts';
import { type CommandResult, commandFailure } from '../../model/command.ts';
import type { Effect, Fault, Sight } from '../../model/fault.ts';
import type { Action, Operation, Undo } from '../../model/operation.ts';
import type { PlannedInjection, PlannedStep } from '../../model/plan.ts';
import type { Context } from '../context.ts';
import { allowing, lockoutsOf } from '../lockout/lockouts.ts';
import { commandFor } from '../undo/command-for.ts';
import { UndoCommandFailed } from '../undo/perform.ts';
import { undoWithRetries } from '../undo/undo-journal.ts';
import { bind, bindUndo } from './bind.ts';
import type { Held } from './in-force.ts';
import { InjectionFailed, perform } from './perform.ts';
import { type Met, sightOf } from './sight.ts';

/** What ends by itself does so this much after it should have been ended. */
const deadlineSlackMs = 10_000;

/** Of a sham run: that nothing is done is what is wanted. */
const leftOut: Effect = { seen: 'seen', summary: 'left out: this is a sham run', figures: {} };
const unknownEffect: Effect = { seen: 'unseen', summary: 'it was not in force', figures: {} };

/**
 * One use of a fault in a run: its undo is written down, the harm is done, its effect observed, and it is undone. Once
 * it was begun it is undone exactly once, whoever asks.
 */
export class Injection implements Held {
  readonly id: string;
  readonly #action: PlannedInjection;
  readonly #context: Context;
  readonly #fault: Fault;
  readonly #met: Met = {
    processes: [],
    results: [],
    stress: [],
    traces: [],
    clocks: [],
    tables: [],
    frozen: [],
    resolvers: [],
    limited: [],
  };
  readonly #sight: Sight;
  readonly #armed: { entry: number; undo: Undo }[] = [];
  #effect: Effect = unknownEffect;
  #injecting: Promise<void> = Promise.resolve();
  #undoing: Promise<void> | undefined;
  readonly over: Promise<void>;
  #isOver: () => void = () => undefined;
  endsMs: number | undefined;

  constructor(step: PlannedStep, action: PlannedInjection, context: Context) {
    this.id = step.id;
    this.over = new Promise((resolve) => {
      this.#isOver = resolve;
    });
    this.#action = action;
    this.#context = context;
    const fault = faultNamed(action.fault);
    if (!fault) throw new Error(`there is no fault ${action.fault}`);
    this.#fault = fault;
    this.#sight = sightOf(step.id, action.target, this.#met, context);
  }

  get alone(): string | undefined {
    return this.#action.alone;
  }

  get beside(): string | undefined {
    return this.#action.beside;
  }

  get target(): string | undefined {
    return this.#action.target;
  }

  /** Resolves when it is in force. @throws InjectionFailed, after what was done of it has been undone */
  async inject(signal: AbortSignal): Promise<void> {
    this.#context.inForce.begin(this);
    this.#injecting = this.#inject(signal);
    try {
      await this.#injecting;
    } catch (error) {
      const result = error instanceof InjectionFailed ? error.result : undefined;
      this.#context.emit({
        type: 'injection-failed',
        step: this.id,
        message: (error as Error).message,
        ...(result ? { result } : {}),
      });
      await this.undo();
      throw error;
    }
    if (this.#action.hold === 'instant') this.#end();
  }

  #end(): void {
    this.#context.inForce.end(this);
    this.#isOver();
  }

  /** Undoes it, once; whoever asks again waits for the same undo. Never rejects: what could not be undone is told as an event. */
  undo(): Promise<void> {
    this.#undoing ??= this.#injecting.catch(() => undefined).then(() => this.#undo());
    return this.#undoing;
  }

  async #inject(signal: AbortSignal): Promise<void> {
    const { emit } = this.#context;
    const { inject, undo, with: parameters } = this.#action;
    const { plan } = this.#context;
    // What was so when the run began may be otherwise by now.
    const [lockout] = await lockoutsOf({ action: this.#action }, plan);
    if (lockout) throw new InjectionFailed(`${lockout.message} (${allowing(lockout)})`);
    const operations = await Promise.all(inject.map((action) => bind(action, this.id, this.#context)));
    const undos = await Promise.all(undo.map((action) => bindUndo(action, this.id, this.#context)));
    await this.#arm(undos);
    emit({ type: 'injection-armed', step: this.id, inject: operations, undo: undos });
    signal.throwIfAborted();
    for (const [index, operation] of operations.entries()) {
      await this.#perform(operation, signal);
      await this.#follow(inject[index]!, signal);
      // What comes after the first command only looks (`observe`): it may fail without the harm having failed.
      if (index === 0) this.#checkCommand();
    }
    this.#effect = plan.isSham ? leftOut : await this.#fault.observe.inForce(this.#sight, parameters as never);
    emit({ type: 'injection-in-force', step: this.id, effect: this.#effect });
  }

  async #perform(operation: Operation, signal: AbortSignal): Promise<void> {
    if ('processes' in operation) this.#met.processes.push(...operation.processes);
    const { result, stress, trace, clock, table, frozen, resolver, limited } = await perform(
      operation,
      this.#about(),
      this.#context,
      signal,
    );
    if (result) this.#met.results.push(result);
    if (limited) this.#met.limited.push(...limited);
    if (frozen) this.#met.frozen.push(...frozen);
    if (resolver) this.#met.resolvers.push(resolver);
    if (table) this.#met.tables.push(table);
    if (clock !== undefined) this.#met.clocks.push(clock);
    if (trace) this.#met.traces.push(trace);
    if (stress) {
      this.#met.processes.push(stress.process);
      this.#met.stress.push(stress);
    }
  }

  #about(): { step: string; deadlineMs?: number } {
    const { hold } = this.#action;
    const heldMs = typeof hold === 'object' && 'for' in hold ? hold.for : this.#context.plan.safety.maxDuration;
    return { step: this.id, ...(heldMs === undefined ? {} : { deadlineMs: heldMs + deadlineSlackMs }) };
  }

  #checkCommand(): void {
    const result = this.#met.results[0];
    const failure = result && commandFailure(result);
    if (failure !== undefined) throw new InjectionFailed(failure, result);
  }

  /** A tree of processes may grow while it is being paused: whoever was born meanwhile is paused too. */
  async #follow(action: Action, signal: AbortSignal): Promise<void> {
    if (action.op !== 'signal' || !action.tree || action.signal !== 'SIGSTOP') return;
    for (let round = 0; round < 10; round += 1) {
      const known = new Set(this.#met.processes.map(({ pid }) => pid));
      const operation = await bind(action, this.id, this.#context);
      if (operation.op !== 'signal') return;
      const born = operation.processes.filter(({ pid }) => !known.has(pid));
      if (born.length === 0) return;
      await this.#arm([{ op: 'signal', processes: born, signal: 'SIGCONT' }]);
      await this.#perform({ ...operation, processes: born }, signal);
    }
  }

  /** Written down in reverse, because a journal is replayed from its end. */
  async #arm(undos: Undo[]): Promise<void> {
    for (const undo of [...undos].reverse())
      this.#armed.push({ entry: await this.#context.journal.arm(undo, this.id), undo });
  }

  async #undo(): Promise<void> {
    const { emit } = this.#context;
    const observe = this.#fault.observe;
    const parameters = this.#action.with as never;
    const wasInForce = this.#effect !== unknownEffect && this.#effect !== leftOut;
    if (wasInForce && observe.total)
      this.#effect = await observe.total(this.#sight, parameters).catch(
        (error): Effect => ({
          seen: 'unseen',
          summary: `could not be observed: ${(error as Error).message}`,
          figures: {},
        }),
      );
    const stuck = await this.#undoArmed();
    this.#end();
    if (stuck.length > 0) {
      emit({ type: 'injection-stuck', step: this.id, undo: stuck.map(({ undo }) => undo), message: stuck[0]!.message });
      for (const { undo, message } of stuck)
        emit({
          type: 'leftover',
          undo,
          message: `${this.id} could not be undone: ${message}`,
          command: commandFor(undo),
        });
      return;
    }
    if (this.#effect === unknownEffect && this.#armed.length === 0) return;
    const notGone = wasInForce
      ? await observe.gone?.(this.#sight, parameters).catch((error) => (error as Error).message)
      : undefined;
    emit({
      type: 'injection-undone',
      step: this.id,
      effect: this.#effect,
      gone: notGone === undefined,
      ...(notGone === undefined ? {} : { message: notGone }),
    });
  }

  /** Where others are in force in the same queue, they stay. */
  async #lift(undo: Undo): Promise<CommandResult | undefined> {
    if (undo.op !== 'qdisc-delete') return await undoWithRetries(undo, this.#context.run);
    for (const queue of undo.queues) await this.#context.queues.lift(queue, this.id);
    return undefined;
  }

  async #undoArmed(): Promise<{ undo: Undo; message: string }[]> {
    const stuck: { undo: Undo; message: string }[] = [];
    for (const { entry, undo } of [...this.#armed].reverse()) {
      try {
        const result = await this.#lift(undo);
        if (result) this.#met.results.push(result);
        await this.#context.journal.strike(entry);
      } catch (error) {
        if (error instanceof UndoCommandFailed) this.#met.results.push(error.result);
        stuck.push({ undo, message: (error as Error).message });
      }
    }
    return stuck;
  }
}
