import type { CommandResult } from './command.ts';
import type { Decoded, Fields } from './field.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { Need } from './need.ts';
import type { Action, ProcessIdentity } from './operation.ts';
import type { Launch, Target, TargetKind } from './scenario.ts';

/**
 * A kind of harm. This descriptor is the only truth about it: schema, completion, `chaos faults`, the reference page,
 * the plan and the run all read it.
 */
export interface Fault<F extends Fields = Fields> {
  name: string;
  /** One line. */
  summary: string;
  /** What happens, what it resembles in real life, what it cannot do. Markdown. */
  description: string;
  /** The kinds of target it works on; empty: it takes none. */
  targets: readonly TargetKind[];
  parameters: F;
  /** Whether it lasts: a held fault is in force for `for` and then undone; an instant one is done when it is done. */
  held: boolean;
  /** What a target bears only one of at a time, by its name: lifting one of two would lift, or spoil, the other. */
  alone?(on: TargetKind | undefined, parameters: Decoded<F>): string | undefined;
  /** What a target bears many of at a time, but none beside what wants that `alone`. */
  beside?(on: TargetKind | undefined, parameters: Decoded<F>): string | undefined;
  /**
   * The ways there are to do it on such a target, the best first, where there is more than one. The plan takes the first
   * that works here; an author may pin one by the parameter `via`, which then lists them all.
   */
  ways?(on: TargetKind | undefined): readonly string[] | undefined;
  /** How it is done on such a target; `via` is one of its `ways` there. */
  mechanism(on: TargetKind | undefined, via?: string): Mechanism;
  /** What it needs of the machine, by the kind of its target and the way. `doctor` and the start of every run look. */
  needs?(target: TargetKind | undefined, via?: string): Need[];
  /** Whether `target` fits beyond its kind (a protocol, say), and with these parameters. @returns why not, for a diagnostic */
  refuses?(target: Target, parameters: Decoded<F>): string | undefined;
  /** What a process target has to be started with so that it can be reached. */
  launch?(parameters: Decoded<F>): Launch;
  /**
   * Whether what an author wrote under `with` goes together, beyond what each parameter allows by itself. It is given as
   * written, so that what was left out is not there.
   * @returns what does not, for a diagnostic
   */
  contradiction?(written: JsonObject): string | undefined;
  /** Pure: what to do and what undoes it. `id` is the injection's, and all that it leaves to chance is drawn from `seed`. */
  inject(
    parameters: Decoded<F>,
    about: { id: string; seed: string; target: Target | undefined },
  ): { inject: Action[]; undo: Action[] };
  observe: Observer<F>;
  /** Whole scenarios steps for the reference page; each is validated by the tests. */
  examples: { title: string; step: JsonObject }[];
}

/** How the effect of a fault is seen. Each method is given sight of the world and may wait through it. */
export interface Observer<F extends Fields> {
  /** Right after the injection: did it take hold? */
  inForce(sight: Sight, parameters: Decoded<F>): Promise<Effect>;
  /** Right before the undo: what did it do in all? By default what `inForce` saw. */
  total?(sight: Sight, parameters: Decoded<F>): Promise<Effect>;
  /** Right after the undo. @returns why it is not gone, or `undefined` when it is */
  gone?(sight: Sight, parameters: Decoded<F>): Promise<string | undefined>;
}

/** What an injection did to the world. */
export interface Effect {
  /** `pending`: in force, but what it does can only be seen as traffic comes. `unseen` proves nothing. */
  seen: 'seen' | 'unseen' | 'pending';
  /** One line: `212 queries slowed, 9.8 × on average`. */
  summary: string;
  figures: Record<string, JsonValue>;
}

/** What an observer may look at. */
export interface Sight {
  /** The injection's id. */
  id: string;
  /** The kind of its target. */
  on: TargetKind | undefined;
  /** The processes that the actions were bound to, as they are now. */
  processes(): Promise<ProcessState[]>;
  /** What each process that the injection started has taken since its load was asked for; the kernel says so. */
  usage(): Promise<StressUsage[]>;
  /** What a stress process says of work that the kernel does not know. Rejects when it is gone. */
  report(): Promise<Record<string, number>>;
  /** How many files each limited process that is still there may have open, and has. */
  fileLimits(): Promise<FileLimit[]>;
  /** The clock that was set, as a program sees it that is started now, and who has it. */
  clock(): Promise<ClockSeen>;
  /** What its tracer did, and whether the processes that are left are traced; `undefined` when there was none. */
  traced(): Promise<Traced | undefined>;
  /** Packets that the injection's rules met, and those that they hit; `undefined` when the rules are not there. */
  packets(): Promise<{ met: number; hit: number } | undefined>;
  /** What left through the injection's queue; `undefined` when it is not there. */
  queue(): Promise<QueueCounts | undefined>;
  /** What the proxy counted for this injection. Rejects with {@link InstrumentGone} when the proxy ended, and the fault with it. */
  proxy(): Promise<ProxyCounters>;
  /** What the resolver counted for this injection. */
  resolver(): Promise<ProxyCounters>;
  /** Results of the `run` actions, in order: of the injection, then of the undo. */
  results: CommandResult[];
  /** Waits until `check` gives a value. @returns it, or `undefined` after `withinMs` */
  until<T>(withinMs: number, check: () => Promise<T | undefined>): Promise<T | undefined>;
}

export interface ClockSeen {
  reached: ProcessIdentity[];
  /** Processes of the target that ask somebody else for the time. */
  others: ProcessIdentity[];
  /** Against the real time, milliseconds. */
  aheadMs: number;
}

export interface Traced {
  processes: (ProcessIdentity & { isTraced: boolean })[];
  /** System calls that were tampered with. */
  hits: number;
  /** Whether the tracer is still there. */
  goesOn: boolean;
}

export interface FileLimit extends ProcessIdentity {
  asked: number;
  before: number;
  now: number;
  open: number;
}

/** What a queue of ours did since the injection began, counted by the kernel. */
export interface QueueCounts {
  packets: number;
  bytes: number;
  /** How often something had to wait. */
  heldBack: number;
  dropped: number;
  /** On average, where most was sent. */
  bytesPerSecond: number;
}

/** What a stress process took, measured by the kernel. */
export interface StressUsage {
  pid: number;
  /** Since when, milliseconds ago. */
  overMs: number;
  cpuMs: number;
  memoryBytes: number;
  writtenBytes: number;
  storedBytes: number;
  namelessBytes: number;
}

export interface ProcessState extends ProcessIdentity {
  /** `gone`: no such process, or a zombie, or its pid belongs to another now. */
  state: 'running' | 'stopped' | 'gone';
}

/** How a fault is done: for people, each a few words without a full stop. */
export interface Mechanism {
  /** What does it: `nft rules of its own`. */
  by: string;
  /** Where it differs from what happens in real life. */
  cannot?: string;
}

/** Every way to do a fault, by the kind of its target; `via` only where there is more than one. */
export const everyWay = ({ targets, ways }: Fault): { on: TargetKind | undefined; via: string | undefined }[] =>
  (targets.length > 0 ? targets : [undefined]).flatMap((on) => (ways?.(on) ?? [undefined]).map((via) => ({ on, via })));

export const mechanismInWords = ({ by, cannot }: Mechanism): string =>
  `by ${by}${cannot === undefined ? '' : `; ${cannot}`}`;

/** A process of ours that a fault lived in is gone, and the fault with it: nobody can say what it did. */
export class InstrumentGone extends Error {
  override readonly name: string = 'InstrumentGone';
}

/** What one fault did inside a proxy since it was added. */
export type ProxyCounters = Record<string, number>;

/** Keeps the types of a descriptor's own parameters. */
export function defineFault<const F extends Fields>(fault: Fault<F>): Fault {
  return fault as unknown as Fault;
}
