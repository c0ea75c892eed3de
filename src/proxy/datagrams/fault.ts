import type { ProxyCounters } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Tools } from '../faults/fault.ts';

/** From the client to the server, or back. */
export const ways = ['upstream', 'downstream'] as const;
export type Way = (typeof ways)[number];

/** One kind of fault of datagrams. Adding one is its file and its line in the registry. */
export interface DatagramFaultKind {
  kind: string;
  /** @throws SettingsError when the settings are not what it takes */
  begin(settings: JsonObject, tools: Tools): DatagramFault;
}

/** One fault on one link. */
export interface DatagramFault {
  /** Its part in what one client sends and gets, called once for each that is known or comes. */
  join(flow: JoinedFlow): { [W in Way]?: DatagramStage | undefined };
  /** What it did since it was added. */
  counters(): ProxyCounters;
}

/** What a fault may know of a client. */
export interface JoinedFlow {
  /** Counts from 1 on each link. */
  number: number;
  /** Runs work of a timer so that a defect in it ends this client's flow only. */
  guard(work: () => void): void;
  /** Whether so many bytes may wait for this client, in one fault and one direction. */
  mayHold(bytes: number): boolean;
  /** So many bytes more wait, or fewer. */
  held(bytes: number): void;
}

/** One station on the way of a client's datagrams in one direction. Each is whole, and stands for itself. */
export interface DatagramStage {
  /** Where it passes on to; set by the flow, and changed when stages come and go. */
  next: (datagram: Buffer) => void;
  take(datagram: Buffer): void;
  /** Passes on everything that it holds, now. */
  release(): void;
  /** Forgets what it holds: there is nobody to receive it. */
  drop(): void;
}

/** Where a stage passes on to before it is put into a flow. */
export const unplaced = (): never => {
  throw new Error('a stage passed a datagram on before it was put into a flow');
};
