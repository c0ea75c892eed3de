import { formatDuration } from '../../model/duration.ts';
import type { Plan } from '../../model/plan.ts';
import type { Safety } from '../../model/scenario.ts';
import type { Clock } from '../clock.ts';

/** An injection, as far as bounds and clean-up are concerned. */
export interface Held {
  id: string;
  target: string | undefined;
  /** What of it a target bears only one of at a time. */
  alone: string | undefined;
  /** What of it a target bears many of, but not beside what has it `alone`. */
  beside: string | undefined;
  /** When it is to be over by plan, in the run's milliseconds; `undefined`: not known yet. */
  endsMs: number | undefined;
  /** Resolves when it is no longer in force. */
  over: Promise<void>;
  undo(): Promise<void>;
}

/** What undoing may take before a bound on time in force counts as broken. */
const slackMs = 1000;

/** The injections that may be in force now, in the order in which they began, and the bounds on them. */
export class InForce {
  readonly #held: Held[] = [];
  readonly #limits: Safety['blastRadius'];
  readonly #groups: Plan['groups'];
  readonly #clock: Clock;
  readonly #onExceeded: (message: string) => void;
  readonly #targets = new Set<string>();
  #spentMs = 0;
  #sinceMs = 0;
  #underFault = new AbortController();

  constructor(
    limits: Safety['blastRadius'],
    groups: Plan['groups'],
    clock: Clock,
    onExceeded: (message: string) => void,
  ) {
    this.#groups = groups;
    this.#limits = limits;
    this.#clock = clock;
    this.#onExceeded = onExceeded;
  }

  /** Waits for what is just ending, when there is no room for one more beside it: one fault may follow hard on another. */
  async room(): Promise<void> {
    const { concurrentFaults = Number.POSITIVE_INFINITY } = this.#limits;
    while (this.#held.length >= concurrentFaults) {
      const ending = this.#held.find(({ endsMs }) => endsMs !== undefined && endsMs <= this.#clock.now() + slackMs);
      if (!ending) return;
      await ending.over;
    }
  }

  /** @returns the injection in force that rules this one out, because its target bears only one of the kind at a time */
  twinOf({ target, alone, beside }: Pick<Held, 'target' | 'alone' | 'beside'>): Held | undefined {
    return this.#held.find(
      (held) =>
        held.target === target &&
        ((alone !== undefined && (held.alone === alone || held.beside === alone)) ||
          (beside !== undefined && held.alone === beside)),
    );
  }

  /** @returns why one more injection is out of bounds, or `undefined` when it may begin */
  refuses(target: string | undefined): string | undefined {
    const { concurrentFaults, targets, share, duration } = this.#limits;
    if (concurrentFaults !== undefined && this.#held.length >= concurrentFaults)
      return `${this.#held.length + 1} faults at once, allowed are ${concurrentFaults}: ${this.#held.map(({ id }) => id).join(', ')} would still be in force`;
    if (targets !== undefined && target !== undefined && !this.#targets.has(target) && this.#targets.size >= targets)
      return `${this.#targets.size + 1} targets harmed, allowed are ${targets}`;
    const crowded = share === undefined ? undefined : this.#tooMuchOf(target, share);
    if (crowded !== undefined) return crowded;
    if (duration !== undefined && this.#spentMs > duration + slackMs)
      return `the system was under fault for ${formatDuration(this.#spentMs)} already`;
    return undefined;
  }

  #tooMuchOf(target: string | undefined, share: number): string | undefined {
    for (const { id, members } of this.#groups) {
      if (target === undefined || !members.includes(target)) continue;
      const harmed = new Set([target, ...this.#held.flatMap((held) => held.target ?? [])]);
      const count = members.filter((member) => harmed.has(member)).length;
      if (count > share * members.length)
        return `${count} of ${members.length} of ${id} at once, allowed are ${Number((share * 100).toFixed(2))}%`;
    }
    return undefined;
  }

  begin(held: Held): void {
    if (held.target !== undefined) this.#targets.add(held.target);
    if (this.#held.push(held) === 1) this.#startTime();
  }

  end(held: Held): void {
    const position = this.#held.indexOf(held);
    if (position < 0) return;
    this.#held.splice(position, 1);
    if (this.#held.length === 0) this.#stopTime();
  }

  /** Undoes everything, the last harm first. */
  async undoAll(): Promise<void> {
    for (const held of [...this.#held].reverse()) await held.undo();
  }

  #startTime(): void {
    this.#sinceMs = this.#clock.now();
    const { duration } = this.#limits;
    if (duration === undefined) return;
    this.#underFault = new AbortController();
    const message = `the system was under fault for ${formatDuration(duration)}, the most that is allowed`;
    this.#clock.sleepUntil(this.#sinceMs + duration + slackMs - this.#spentMs, this.#underFault.signal).then(
      () => this.#onExceeded(message),
      () => undefined, // it ended in time
    );
  }

  #stopTime(): void {
    this.#underFault.abort();
    this.#spentMs += this.#clock.now() - this.#sinceMs;
  }
}
