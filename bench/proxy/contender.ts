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

/** One that can also make the way from a server slow. */
export interface FaultyContender extends Contender {
  pid: number;
  slow(role: keyof Ports, how: Slowness): Promise<Slowed>;
}

/** The way from one server while it is slow. */
export interface Slowed {
  port: number;
  pid: number;
  /** @returns the shortest delay, when it measures that itself */
  takeBack(): Promise<{ delayMinMs?: number }>;
}

export type Slowness = { latencyMs: number } | { bytesPerSecond: number };

/** @throws Absent */
export type Start = (servers: Ports) => Promise<Contender>;

/** This machine has no such program. The message says which, and what of it is missing. */
export class Absent extends Error {}

export const isFaulty = (contender: Contender): contender is FaultyContender => 'slow' in contender;
