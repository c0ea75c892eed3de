import type { Bound } from './bound.ts';
import type { Command } from './command.ts';
import type { Duration } from './duration.ts';
import type { JsonObject } from './json.ts';
import type { Places, Pointer } from './place.ts';
import type { ProtocolName } from './protocol.ts';
import type { Service } from './service.ts';

/** One game day as its author wrote it: parameters substituted, units decoded, defaults filled in. Plain data. */
export interface Scenario {
  name: string;
  description?: string;
  tags: string[];
  owner?: string;
  parameters: Record<string, string | number | boolean>;
  targets: Target[];
  groups: TargetGroup[];
  steadyState: Probe[];
  /** How long every probe must hold before the first fault. */
  baseline: Duration;
  /** How long the system has, after the timeline, to hold again. */
  recovery: Duration;
  /** What has to hold again then. */
  recovered: Condition;
  timeline: Step[];
  objectives: Objective[];
  /** Whether it is run without its faults first. */
  control: boolean;
  checklist: ChecklistItem[];
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
  find: { pid: number } | { pidFile: string } | { name: string; expect: number } | { port: number } | Service;
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

export type Step = InjectStep | AwaitStep | AssertStep | RunStep | PauseStep | ApproveStep | GroupStep;
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
export type Condition = SingleCondition | { all: SingleCondition[] };

/** The whole hypothesis, one probe of it, or a probe of its own. */
export type SingleCondition = { steadyState: true } | { probe: string } | { own: ProbeSpec };

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

/** Waits until a person has said yes. */
export interface ApproveStep extends StepBase {
  kind: 'approve';
  question: string;
  within: Duration;
}

export interface GroupStep extends StepBase {
  kind: 'parallel' | 'sequence';
  steps: Step[];
}

/** A promise about what was measured. `during`: in the time of that step, or of that phase, not of the whole run. */
export type Objective = { path: Pointer; bound: Bound } & (
  | { measure: 'availability' | 'errorRate'; probe: string; during?: string }
  /** Share of the time in which a probe was not in an outage. */
  | { measure: 'uptime'; probe: string; during?: string }
  | { measure: 'latency'; probe: string; percentile: number; during?: string }
  /** Until every probe was healthy again: from the start of the injection, from its end, or from the first failure. */
  | { measure: 'recoveryTime'; step: string; from: RecoveryFrom }
  /** From the injection's start until a probe failed. */
  | { measure: 'detectionTime'; step: string }
  /** Share of acknowledged writes that were kept exactly once. */
  | { measure: 'consistency'; probe: string }
  | { measure: 'meanTimeToRecover' | 'recoveryRate' }
);

export const recoveryFrom = ['start', 'end', 'failure'] as const;
export type RecoveryFrom = (typeof recoveryFrom)[number];

export interface Safety {
  blastRadius: {
    concurrentFaults?: number;
    /** Total time under fault. */
    duration?: Duration;
    /** How many different targets may be harmed. */
    targets?: number;
    /** The share of a group that may be under fault at once, 0..1. */
    share?: number;
  };
  abortWhen: Safeguard[];
  /** The run is aborted after so long. */
  maxDuration?: Duration;
  /** What may be harmed though it is protected. */
  allow: Protection[];
  /** Where it may run: names that `CHAOS_ENVIRONMENT` may have. Empty: anywhere. */
  environments: string[];
}

/** What ends the run at once: a probe that fails too long, or a figure of the last samples of one. */
export type Safeguard = { path: Pointer; probe: string } & (
  | { when: 'failing'; failingFor: Duration }
  | ({ when: 'bound'; bound: Bound; over: Duration } & WindowMeasure)
);

type WindowMeasure = { measure: 'availability' | 'errorRate' } | { measure: 'latency'; percentile: number };

/** Targets of which a fault takes some: as many as `pick` says, drawn from the run's seed for each step. */
export interface TargetGroup {
  id: string;
  path: Pointer;
  members: string[];
  pick: 'one' | 'all' | { count: number } | { share: number };
}

/** What has to be so before the first fault: seen by a probe, or confirmed by a person. */
export interface ChecklistItem {
  id: string;
  path: Pointer;
  /** As a sentence. */
  title: string;
  by: { probe: ProbeSpec } | { person: { within: Duration } };
}

/** What a run leaves alone unless its author says otherwise. */
export const protections = [
  'init',
  'kernel-threads',
  'own-ancestors',
  'sshd',
  'default-route',
  'ssh-session',
  'probes',
  'root-filesystem',
  'journal-disk',
] as const;
export type Protection = (typeof protections)[number];
