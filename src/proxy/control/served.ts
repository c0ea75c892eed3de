import type { ProxyCounters } from '../../model/fault.ts';
import type { ProxyFault } from '../../model/operation.ts';
import type { DnsLinkRequest, LinkRequest } from './message.ts';

/** What is asked for over a control socket, and done by whoever listens there. Each throws {@link Refused}. */
export interface Served {
  /** @returns the bound `host:port` */
  listen(request: LinkRequest | DnsLinkRequest): Promise<string>;
  add(proxy: string, fault: ProxyFault): void | Promise<void>;
  /** Resolves when what was added keeps its times. */
  readonly ready?: Promise<void>;
  /** Harmless when it is gone, or never was. @returns what it did in all */
  remove(proxy: string, faultId: string): ProxyCounters | Promise<ProxyCounters>;
  /** @returns what it did so far; `inForce` is 1 or 0 */
  counters(proxy: string, faultId: string): ProxyCounters;
}

/** What was asked cannot be done; the message is one line for a person. */
export class Refused extends Error {}
