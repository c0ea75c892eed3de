import type { ProxyCounters } from '../../model/fault.ts';
import type { ProxyFault } from '../../model/operation.ts';
import type { DnsLinkRequest, LinkRequest } from '../control/message.ts';
import { Refused, type Served } from '../control/served.ts';
import { DatagramLink } from '../datagrams/datagram-link.ts';
import { datagramFaultKinds } from '../datagrams/registry.ts';
import type { Tools } from '../faults/fault.ts';
import { faultKinds } from '../faults/registry.ts';
import { SettingsError } from '../faults/settings.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { Budget } from './budget.ts';
import { Link, mostFaults } from './link.ts';
import { RefusedListen } from './listen.ts';

/** A link, and how a fault is put into it. */
interface OpenLink {
  /** @throws Refused */
  inject(fault: ProxyFault): InForce;
  close(): void;
  faults: Map<string, InForce>;
  /** What each fault that is gone had done. Its id is not used again: a late `add` must not undo an undo. */
  removed: Map<string, ProxyCounters>;
}

/** A fault on a link. */
interface InForce {
  /** Fulfilled when it is, where that takes a while. */
  begun?: Promise<void>;
  counters(): ProxyCounters;
  /** @throws Refused when it cannot be lifted, and is still in force */
  lift(): void | Promise<void>;
}

/** All links of the process by the names their author gave them, and the faults on them. */
export class Links implements Served {
  readonly #deadlines: Deadlines;
  readonly #tools: Tools;
  readonly #budget = new Budget();
  readonly #links = new Map<string, OpenLink>();

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines;
    this.#tools = {
      get deadlines() {
        deadlines.start();
        return deadlines;
      },
    };
  }

  /** @returns the bound `host:port` @throws Refused */
  async listen(request: LinkRequest | DnsLinkRequest): Promise<string> {
    if (request.protocol === 'dns') throw new Refused('queries are carried by a resolver, not by the proxy');
    if (this.#links.has(request.proxy)) throw new Refused(`a link "${request.proxy}" is open already`);
    try {
      const { bound, ...link } = await this.#open(request);
      this.#links.set(request.proxy, { ...link, faults: new Map(), removed: new Map() });
      return bound;
    } catch (error) {
      throw error instanceof RefusedListen ? new Refused(error.message) : error;
    }
  }

  get ready(): Promise<void> {
    return this.#deadlines.ready;
  }

  /** @throws Refused */
  add(proxy: string, fault: ProxyFault): void | Promise<void> {
    const { id } = fault;
    const open = this.#links.get(proxy);
    if (!open) throw new Refused(`there is no link "${proxy}"`);
    if (open.faults.has(id)) throw new Refused(`the fault "${id}" is in force on "${proxy}" already`);
    if (open.removed.has(id)) throw new Refused(`the fault "${id}" was removed from "${proxy}": it stays removed`);
    if (open.faults.size >= mostFaults)
      throw new Refused(`"${proxy}" has ${mostFaults} faults already: a link takes no more at once`);
    const inForce = open.inject(fault);
    open.faults.set(id, inForce);
    return inForce.begun;
  }

  /** Harmless when it is gone, or never was. @returns what it did in all */
  async remove(proxy: string, faultId: string): Promise<ProxyCounters> {
    const open = this.#links.get(proxy);
    if (!open) return gone;
    const fault = open.faults.get(faultId);
    if (fault) {
      open.faults.delete(faultId); // so that it is not lifted twice at once
      try {
        await fault.lift();
      } catch (error) {
        open.faults.set(faultId, fault);
        throw error;
      }
      open.removed.set(faultId, { ...fault.counters(), ...gone });
    } else if (!open.removed.has(faultId)) {
      open.removed.set(faultId, gone);
    }
    return open.removed.get(faultId)!;
  }

  /** @returns what it did so far; `inForce` is 1 or 0 @throws Refused when there is no such link */
  counters(proxy: string, faultId: string): ProxyCounters {
    const open = this.#links.get(proxy);
    if (!open) throw new Refused(`there is no link "${proxy}"`);
    const fault = open.faults.get(faultId);
    return fault ? { ...fault.counters(), inForce: 1 } : (open.removed.get(faultId) ?? gone);
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
  }

  async #open(request: LinkRequest): Promise<Pick<OpenLink, 'inject' | 'close'> & { bound: string }> {
    if (request.protocol === 'udp') {
      const { link, bound } = await DatagramLink.open(request, this.#budget);
      return { bound, inject: (fault) => this.#intoDatagrams(link, fault), close: () => link.close() };
    }
    const { protocol } = request;
    const { link, bound } = await Link.open({ ...request, protocol }, this.#budget);
    return { bound, inject: (fault) => this.#intoStreams(link, request.proxy, fault), close: () => link.close() };
  }

  #intoStreams(link: Link, proxy: string, { kind: name, settings }: ProxyFault): InForce {
    const kind = kindNamed(name, faultKinds);
    if (kind.needs && !kind.needs.includes(link.protocol)) {
      const needed = kind.needs.join(' or ');
      throw new Refused(`a ${name} needs a link with protocol ${needed}; "${proxy}" has ${link.protocol}`);
    }
    const fault = begun(name, () => kind.begin(settings, this.#tools));
    if (kind.closesPort) {
      return { begun: link.closePort(), counters: () => fault.counters(), lift: () => reopen(link) };
    }
    link.add(fault);
    return { counters: () => fault.counters(), lift: () => link.remove(fault) };
  }

  #intoDatagrams(link: DatagramLink, { kind: name, settings }: ProxyFault): InForce {
    const kind = kindNamed(name, datagramFaultKinds);
    const fault = begun(name, () => kind.begin(settings, this.#tools));
    link.add(fault);
    return { counters: () => fault.counters(), lift: () => link.remove(fault) };
  }
}

/** @throws Refused when somebody else has taken the port */
async function reopen(link: Link): Promise<void> {
  try {
    await link.reopenPort();
  } catch (error) {
    throw error instanceof RefusedListen ? new Refused(error.message) : error;
  }
}

/** @throws Refused when there is none of that name */
function kindNamed<K>(name: string, kinds: ReadonlyMap<string, K>): K {
  const kind = kinds.get(name);
  if (!kind) throw new Refused(`there is no kind "${name}" of fault: expected ${[...kinds.keys()].join(', ')}`);
  return kind;
}

/** @throws Refused when the settings are wrong */
function begun<F>(kind: string, begin: () => F): F {
  try {
    return begin();
  } catch (error) {
    throw error instanceof SettingsError ? new Refused(`${kind}: ${error.message}`) : error;
  }
}

const gone: ProxyCounters = { inForce: 0 };
