import type { Ports } from './roles.ts';

/** One way from the client to the servers. */
export interface Contender {
  name: string;
  /** Where each server is reached through it. */
  ports: Ports;
  /** `undefined` when there is nothing between. */
  pid: number | undefined;
  stop(): Promise<void>;
}

/** @returns `undefined` when this machine has no such program */
export type Start = (servers: Ports) => Promise<Contender | undefined>;
