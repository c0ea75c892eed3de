import type { Command } from './command.ts';
import type { Duration } from './duration.ts';
import type { Impairment } from './impairment.ts';
import type { JsonObject } from './json.ts';
import type { PacketRules, Redirection } from './packet-rules.ts';
import type { StressWork } from './stress-work.ts';
import type { Tampering } from './tampering.ts';

/**
 * What an injection does to the world, and what undoes it: a small closed set, plain data. An `Action` names its
 * target and can be shown before the run; the runner binds it to an `Operation`, which names pids and sockets, can be
 * journalled, and is performed by the runner or, when that is dead, by the guardian. Undoing twice is harmless.
 */
export type Action =
  | { op: 'signal'; target: string; signal: NodeJS.Signals; tree: boolean }
  /** All that is in the control group of the target stands still, by the kernel's freezer. */
  | { op: 'freeze'; target: string }
  | { op: 'thaw'; target: string }
  | { op: 'restart'; target: string; signal: NodeJS.Signals; grace: Duration }
  | { op: 'proxy-add'; target: string; fault: ProxyFault }
  | { op: 'proxy-remove'; target: string; faultId: string }
  /** Lowers the limit on open files: to `limit`, or to what is open and `spare` more. */
  | { op: 'limit-files'; target: string; tree: boolean; limit?: number; spare?: number }
  /** Gives each process the limit back that it had. */
  | { op: 'restore-files'; target: string; tree: boolean }
  /** Rules for packets, in a table of their own in the target's network namespace. */
  | { op: 'nft-add'; target: string; line?: NetworkLine; rules: PacketRules }
  | { op: 'nft-delete'; target: string; line?: NetworkLine }
  /** What the host asks its nameservers comes to our resolver. Without `nameservers`: those of its resolv.conf. */
  | { op: 'nft-redirect'; target: string; nameservers?: string[] }
  /** A fault in the resolver that the target's queries pass. */
  | { op: 'resolver-add'; target: string; nameservers?: string[]; fault: ProxyFault }
  | { op: 'resolver-remove'; target: string; faultId: string }
  /**
   * What leaves a network interface goes through a queue of ours; by default that of the default route. Of a `line` only
   * what goes to its peers, through whichever interface leads there.
   */
  | { op: 'qdisc-add'; target: string; interface?: string; line?: NetworkLine; impairment: Impairment }
  | { op: 'qdisc-delete'; target: string; interface?: string; line?: NetworkLine }
  /** A process of ours that puts a load on the machine, until it is ended; `within` the control groups of a target. */
  | { op: 'stress'; work: StressWork; within?: string }
  | { op: 'stop-stress' }
  /** Stands between processes and the kernel, until it is ended as a load is. */
  | { op: 'trace'; target: string; tree: boolean; tampering: Tampering }
  /** Sets the clock that a process of the run sees, and back to the real time. */
  | { op: 'set-clock'; target: string; offsetMs: number; rate: number }
  | { op: 'reset-clock'; target: string }
  | { op: 'run'; command: Command };

export type Operation =
  | { op: 'signal'; processes: ProcessIdentity[]; signal: NodeJS.Signals }
  | { op: 'freeze'; groups: FrozenGroup[]; processes: ProcessIdentity[] }
  | { op: 'thaw'; groups: FrozenGroup[] }
  | { op: 'proxy-add'; socket: string; proxy: string; fault: ProxyFault }
  | { op: 'proxy-remove'; socket: string; proxy: string; faultId: string }
  /** `cgroups`: directories of the control groups that it joins first. */
  | { op: 'stress'; work: StressWork; cgroups: string[] }
  | { op: 'set-clock'; file: string; processes: ProcessIdentity[]; skew: string }
  /** Sets the clock that a file stands for back to the real time. */
  | { op: 'reset-clock'; file: string }
  | { op: 'trace'; processes: ProcessIdentity[]; tampering: Tampering }
  | { op: 'nft-add'; namespace?: Namespace; table: string; rules: PacketRules }
  /** Deletes the table of that name, which nobody but this injection has. */
  | { op: 'nft-delete'; namespace?: Namespace; table: string }
  | { op: 'nft-redirect'; namespace?: Namespace; table: string; redirection: Redirection }
  /** What undoes it is `proxy-remove`: the resolver is steered as the proxy is. */
  | { op: 'resolver-add'; namespace?: string; proxy: string; fault: ProxyFault }
  | { op: 'qdisc-add'; ways: WayOut[]; impairment: Impairment }
  /** Takes away the queues of those handles, which nobody but this run has, and so all that is in them. */
  | { op: 'qdisc-delete'; queues: Queue[] }
  /** Sets the soft limit on open files of each process. */
  | { op: 'limit-files'; limits: { process: ProcessIdentity; soft: number }[] }
  | { op: 'run'; command: Command }
  /** Stops and starts again, by the supervisor or by the target's own restart command. */
  | { op: 'restart'; target: string; processes: ProcessIdentity[]; signal: NodeJS.Signals; grace: Duration }
  /** Ends the process group whole: the signal, then KILL after the grace. */
  | { op: 'stop-group'; process: ProcessIdentity; signal: NodeJS.Signals; grace: Duration }
  /** Ends every process that carries the mark of this run, or of one injection of it, in its environment. */
  | { op: 'stop-marked'; run: string; step?: string; grace: Duration }
  /** Removes a directory whose name the run drew, if it is ours. */
  | { op: 'remove-directory'; path: string }
  /** That of a link, which nobody listens on any more. */
  | { op: 'remove-socket'; path: string };

/** In a network: what comes to a node from others, or goes from it to them. */
export interface NetworkLine {
  node: string;
  direction: 'in' | 'out';
  /** The nodes at the other end. */
  peers: string[];
}

/**
 * At the root of a network interface: all that a run does to what leaves it, told from the queues of others by its handle,
 * `c5a0:`. The handles that follow it are ours as well.
 */
export interface Queue {
  namespace?: Namespace;
  device: string;
  handle: string;
}

/** Of what leaves an interface all, or what goes to some addresses. */
export interface WayOut {
  queue: Queue;
  to?: string[];
}

/** What may stand in the journal. */
export type Undo = Exclude<
  Operation,
  {
    op:
      | 'freeze'
      | 'proxy-add'
      | 'resolver-add'
      | 'nft-add'
      | 'nft-redirect'
      | 'qdisc-add'
      | 'stress'
      | 'trace'
      | 'set-clock'
      | 'restart';
  }
>;

/** A process is itself only with its start time: pids are used again. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque, from the kernel; equal means the same process. */
  startTime: string;
}

/** A network namespace of this machine: by the name that `ip netns` gives it, or that in which a process of ours lives. */
export type Namespace = string | { holder: ProcessIdentity };

/** A directory of the freezer, or of the unified tree. */
export interface FrozenGroup {
  directory: string;
  /** Another one of the same name is not the one that was frozen. */
  inode: string;
}

/** A fault in force in the proxy. `id` is the injection's; the proxy counts what each did. */
export interface ProxyFault {
  id: string;
  kind: string;
  settings: JsonObject;
}
