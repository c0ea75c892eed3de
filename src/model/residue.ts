import type { ProcessIdentity } from './operation.ts';

/** Where the faults of a run could leave something: looked at before the first of them and after the last undo. */
export type Site =
  | { site: 'rules'; namespace?: string }
  | { site: 'queues'; namespace?: string; device: string }
  /** One that was there before the run. */
  | { site: 'process'; process: ProcessIdentity; target: string }
  | { site: 'listeners'; ports: number[]; over?: 'udp' }
  /** The Unix socket of a link. */
  | { site: 'socket'; path: string }
  | { site: 'directory'; path: string }
  /** The run's private folder, and what is mounted in it. */
  | { site: 'scratch'; path: string }
  /** What carries the mark of the run. */
  | { site: 'started'; run: string };

/** What was seen at a site, a line for each thing; `lines` is `null` when the site itself was not there. */
export interface Seen {
  site: Site;
  lines: string[] | null;
}

/** A site that is not as it was. */
export interface Residue {
  /** In words: `the packet rules of this machine`. */
  where: string;
  appeared: string[];
  vanished: string[];
}

/** What a look after the last undo came to. */
export interface ResidueCheck {
  /** In words, where it was looked. */
  looked: string[];
  residue: Residue[];
  /** Where it could not be looked, and why. */
  unseen: string[];
}

/** As a report says it: `the queues of eth0: appeared: qdisc tbf …`. */
export const residueInWords = ({ where, appeared, vanished }: Residue): string =>
  [
    ...appeared.map((line) => `${where}: appeared: ${line}`),
    ...vanished.map((line) => `${where}: vanished: ${line}`),
  ].join('; ');
