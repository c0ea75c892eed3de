import type { Bound } from './bound.ts';
import type { Command } from './command.ts';
import type { Duration } from './duration.ts';
import type { JsonObject } from './json.ts';
import type { Places, Pointer } from './place.ts';
import type { ProtocolName } from './protocol.ts';

/** One game day as its author wrote it: parameters substituted, units decoded, defaults filled in. Plain data. */
export interface Scenario {
  name: string;
  description?: string;
  tags: string[];
  owner?: string;
  parameters: Record<string, string | number | boolean>;
  targets: Target[];
  steadyState: Probe[];
  /** How long every probe must hold before the first fault. */
  baseline: Duration;
  /** How long the system has, after the timeline, to hold again. */
  recovery: Duration;
  timeline: Step[];
  objectives: Objective[];
  safety: Safety;
  places: Places;
}

export type Target = ProcessTarget | RunningTarget | ProxyTarget | HostTarget | NetworkTarget | DirectoryTarget;
export type TargetKind = Target['kind'];

interface TargetBase {
  id: string;
  path: Pointer;
  /** Ids of targets that must be ready first. */
  needs: string[];
}

/** A process that the run starts, supervises and stops. */
export interface ProcessTarget extends TargetBase {
  kind: 'process';
  command: string[];
  cwd?: string;
  env: Record<string, string>;
  ready?: Readiness;
  /** Without it, an exit is final. */
  restart?: { delay: Duration; max?: number };
  stop: { signal: NodeJS.Signals; grace: Duration };
  /** Set: it has a network namespace of its own. */
  isolate?: { network: NetworkIsolation };
  /** Put in by the planner: what the faults that are meant for it need. */
  launch?: Launch;
}

/** How a process in a network namespace of its own stays connected, over TCP; everything else is cut off. */
export interface NetworkIsolation {
  /** Ports that it listens on, each reached at the same port of 127.0.0.1 of this machine. */
  publish: number[];
  /** Where it can connect to: addresses (numeric) and ports as it knows them, and where that leads (`host:port`). */
  reach: { address: string; port: number; via: string }[];
}

/** What a process has to be started with so that a fault can reach it later. Until then it changes nothing. */
export interface Launch {
  /** Its clock can be set, and that of its children. */
  clock?: true;
  /** Its queries pass a resolver of ours. */
  resolver?: true;
}

/** A process that runs already. Exactly one way of finding it. */
export interface RunningTarget extends TargetBase {
  kind: 'running';
  find: { pid: number } | { pidFile: string } | { name: string; expect: number } | { port: number };
  /** How `process-restart` starts it again once it was stopped. */
  restartCommand?: Command;
  ready?: Readiness;
}

/** A link through the fault proxy. */
export interface ProxyTarget extends TargetBase {
  kind: 'proxy';
  /** `host:port` */
  listen: string;
  /** `host:port` */
  upstream: string;
  /** Set: connections that programs on this machine make to `upstream` are redirected into the link. */
  transparent?: true;
  protocol: ProtocolName;
}

/** This machine, or a network namespace on it. */
export interface HostTarget extends TargetBase {
  kind: 'host';
  /** As `ip netns` names it; absent: the machine itself. */
  namespace?: string;
}

/** Hosts that talk to each other, and what lies between them. */
export interface NetworkTarget extends TargetBase {
  kind: 'network';
  /** By name. */
  nodes: Record<string, NetworkNode>;
}

/** `here`: on this machine, which is where packets can be stopped; `namespace` as `ip netns` names it, else the machine itself. */
export type NetworkNode =
  /** Without addresses: those that it has there when they are needed. */
  { here: true; namespace?: string; addresses: string[] } | { here: false; addresses: string[] };

/** A directory of this machine, for faults of its file system. */
export interface DirectoryTarget extends TargetBase {
  kind: 'directory';
  directory: string;
}

/** Asked every `every` until it answers as expected, for at most `within`. */
export interface Readiness {
  probe: ProbeSpec;
  every: Duration;
  within: Duration;
}

/** One way of asking the system how it is. `settings` and `expect` are decoded by the probe kind's descriptor. */
export interface ProbeSpec {
  kind: string;
  settings: JsonObject;
  expect: JsonObject;
  timeout: Duration;
}

/** A member of the steady-state hypothesis. */
export interface Probe extends ProbeSpec {
  id: string;
  path: Pointer;
  every: Duration;
  /** So many good samples in a row mean healthy again. */
  successThreshold: number;
}

export type Step = InjectStep | AwaitStep | AssertStep | RunStep | PauseStep | GroupStep;
export type StepKind = Step['kind'];

interface StepBase {
  /** Given or made up by the parser (`step-3`, `crash.recovered`); unique in the scenario. */
  id: string;
  path: Pointer;
  description?: string;
  start: StartRule;
}

/** When a step may start. `previous`: when its elder sibling has ended (or its group started). */
export type StartRule =
  | { rule: 'previous' }
  | { rule: 'at'; offset: Duration }
  | { rule: 'after'; steps: { step: string; event: StepEventName | 'default' }[]; delay: Duration };

/** `started`: the step runs, and an injection is in force. `ended`: it is over, and an injection undone. */
export type StepEventName = 'started' | 'ended';

export interface InjectStep extends StepBase {
  kind: 'inject';
  fault: string;
  /** Absent for faults that need none (`command`). */
  target?: string;
  /** Decoded by the fault's descriptor. */
  with: JsonObject;
  /** Absent: held until the end of the group or of the timeline. Always absent for faults that cannot be held. */
  for?: Duration;
}

/** What an await or assert step looks at: the whole hypothesis, one of its probes, or a probe of its own. */
export type Condition = { steadyState: true } | { probe: string } | { own: ProbeSpec };

export interface AwaitStep extends StepBase {
  kind: 'await';
  condition: Condition;
  within: Duration;
}

/** Must hold now, and when `for` is given throughout it. */
export interface AssertStep extends StepBase {
  kind: 'assert';
  condition: Condition;
  for?: Duration;
  within: Duration;
}

export interface RunStep extends StepBase {
  kind: 'run';
  command: Command;
  expect: { exitCode: number; stdout?: string };
}

export interface PauseStep extends StepBase {
  kind: 'pause';
  for: Duration;
}

export interface GroupStep extends StepBase {
  kind: 'parallel' | 'sequence';
  steps: Step[];
}

export type Objective = {
  path: Pointer;
  bound: Bound;
} /** Share of good samples of a probe over the whole run after the baseline. */ & (
  | { measure: 'availability'; probe: string }
  | { measure: 'errorRate'; probe: string }
  | { measure: 'latency'; probe: string; percentile: number }
  /** From the injection's start until every probe was healthy again. */
  | { measure: 'recoveryTime'; step: string }
  /** Share of acknowledged writes that were kept exactly once. */
  | { measure: 'consistency'; probe: string }
);

export interface Safety {
  blastRadius: {
    concurrentFaults?: number;
    /** Total time under fault. */
    duration?: Duration;
    /** How many different targets may be harmed. */
    targets?: number;
  };
  abortWhen: { path: Pointer; probe: string; failingFor: Duration }[];
  /** The run is aborted after so long. */
  maxDuration?: Duration;
  /** What may be harmed though it is protected. */
  allow: Protection[];
}

/** Processes that a run leaves alone unless its author says otherwise. */
export const protections = ['init', 'kernel-threads', 'own-ancestors', 'sshd'] as const;
export type Protection = (typeof protections)[number];
