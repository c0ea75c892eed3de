import type { ProxyCounters } from '../model/fault.ts';
import type { ProxyFault } from '../model/operation.ts';
import type { DnsLinkRequest, LinkRequest } from '../proxy/control/message.ts';
import { Refused, type Served } from '../proxy/control/served.ts';
import { SettingsError } from '../proxy/faults/settings.ts';
import { type Address, parseAddress } from '../proxy/links/address.ts';
import { everyLink } from './every-link.ts';
import { DnsFault, type Verdict } from './fault.ts';
import { parseQuery } from './message/query.ts';
import { TcpRelay } from './tcp.ts';
import { UdpRelay } from './udp.ts';

/** UDP and TCP want the same port, and TCP is given one that UDP may not have. */
const mostTries = 20;

interface InForce {
  proxy: string;
  fault: DnsFault;
  expiry: NodeJS.Timeout | undefined;
}

/**
 * Stands between those who ask and their nameservers. It hands messages on as they are, except for those that a fault
 * in force is meant for.
 *
 *     client ──▶ link ──▶ fault ──▶ fault ──▶ nameserver
 */
export class Resolver implements Served {
  readonly #links: { close(): void }[] = [];
  /** In the order in which they were added, which is that in which they are asked. */
  readonly #faults = new Map<string, InForce>();
  /** What each fault that is gone had done. A late `add` must not undo an undo. */
  readonly #removed = new Map<string, ProxyCounters>();
  /** Until then the kernel may send what a host asks here: its rules outlive us should nobody remove them. */
  #redirectedUntilMs = 0;

  /** Opens one more way to a nameserver. @returns the bound `host:port`, the same for UDP and TCP */
  async listen({ proxy, listen, upstream }: LinkRequest | DnsLinkRequest): Promise<string> {
    const [from, to] = [parseAddress(listen), parseAddress(upstream)];
    if (!from || !to) throw new Refused(`${from ? upstream : listen} is no address`);
    const judge = (message: Buffer) => this.#judge(message, proxy, to.host);
    for (let left = mostTries; ; left -= 1) {
      try {
        return await this.#open(from, to, judge);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'EADDRINUSE' || from.port !== 0 || left === 0)
          throw new Refused(`cannot listen on ${listen}: ${code}`);
      }
    }
  }

  add(proxy: string, { id, settings }: ProxyFault): void {
    if (this.#faults.has(id)) throw new Refused(`the fault "${id}" is in force already`);
    if (this.#removed.has(id)) throw new Refused(`the fault "${id}" was removed: it stays removed`);
    const fault = begin(settings);
    const deadlineMs = typeof settings.deadlineMs === 'number' ? settings.deadlineMs : Number.POSITIVE_INFINITY;
    const expiry = deadlineMs > longestTimerMs ? undefined : setTimeout(() => this.remove(proxy, id), deadlineMs);
    this.#faults.set(id, { proxy, fault, expiry });
    if (proxy === everyLink)
      this.#redirectedUntilMs = Math.max(this.#redirectedUntilMs, performance.now() + deadlineMs);
  }

  remove(_proxy: string, faultId: string): ProxyCounters {
    const found = this.#faults.get(faultId);
    if (found) {
      clearTimeout(found.expiry);
      this.#faults.delete(faultId);
      found.fault.release();
    }
    const counters = this.#removed.get(faultId) ?? { ...found?.fault.counters(), inForce: 0 };
    this.#removed.set(faultId, counters);
    return counters;
  }

  counters(_proxy: string, faultId: string): ProxyCounters {
    const found = this.#faults.get(faultId);
    return found ? { ...found.fault.counters(), inForce: 1 } : (this.#removed.get(faultId) ?? { inForce: 0 });
  }

  /**
   * Ends every fault; what is carried goes on.
   * @returns how long the packets of this host may be redirected here yet, in milliseconds: 0 when none are
   */
  lift(): number {
    for (const [id, { proxy }] of [...this.#faults]) this.remove(proxy, id);
    return Math.min(Math.max(0, this.#redirectedUntilMs - performance.now()), longestTimerMs);
  }

  close(): void {
    for (const link of this.#links) link.close();
  }

  async #open(from: Address, to: Address, judge: (message: Buffer) => Promise<Verdict>): Promise<string> {
    const tcp = await TcpRelay.open(from, to, judge);
    try {
      const bound = { ...from, port: tcp.port };
      this.#links.push(await UdpRelay.open(bound, to, judge), tcp);
      return `${bound.host.includes(':') ? `[${bound.host}]` : bound.host}:${bound.port}`;
    } catch (error) {
      tcp.close();
      throw error;
    }
  }

  async #judge(message: Buffer, proxy: string, nameserver: string): Promise<Verdict> {
    const query = parseQuery(message);
    for (const { proxy: on, fault } of [...this.#faults.values()]) {
      if (on !== everyLink && on !== proxy) continue;
      const verdict = await fault.judge(query, nameserver);
      if (verdict !== 'forward') return verdict;
    }
    return 'forward';
  }
}

function begin(settings: ProxyFault['settings']): DnsFault {
  try {
    return new DnsFault(settings);
  } catch (error) {
    throw error instanceof SettingsError ? new Refused(`dns: ${error.message}`) : error;
  }
}

/** What Node's timers can hold, three weeks and a half. */
const longestTimerMs = 2 ** 31 - 1;
