import type { ProxyCounters } from '../../model/fault.ts';
import type { ProxyFault } from '../../model/operation.ts';
import type { DnsLinkRequest, LinkRequest } from '../control/message.ts';
import { Refused, type Served } from '../control/served.ts';
import type { LinkFault, Tools } from '../faults/fault.ts';
import { faultKinds } from '../faults/registry.ts';
import { SettingsError } from '../faults/settings.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { Budget } from './budget.ts';
import { Link, RefusedListen } from './link.ts';

interface OpenLink {
  link: Link;
  faults: Map<string, LinkFault>;
  /** What each fault that is gone had done. Its id is not used again: a late `add` must not undo an undo. */
  removed: Map<string, ProxyCounters>;
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
      const { link, bound } = await Link.open(request, this.#budget);
      this.#links.set(request.proxy, { link, faults: new Map(), removed: new Map() });
      return bound;
    } catch (error) {
      throw error instanceof RefusedListen ? new Refused(error.message) : error;
    }
  }

  get ready(): Promise<void> {
    return this.#deadlines.ready;
  }

  /** @throws Refused */
  add(proxy: string, { id, kind: kindName, settings }: ProxyFault): void {
    const open = this.#links.get(proxy);
    if (!open) throw new Refused(`there is no link "${proxy}"`);
    if (open.faults.has(id)) throw new Refused(`the fault "${id}" is in force on "${proxy}" already`);
    if (open.removed.has(id)) throw new Refused(`the fault "${id}" was removed from "${proxy}": it stays removed`);
    const kind = faultKinds.get(kindName);
    if (!kind)
      throw new Refused(`there is no kind "${kindName}" of fault: expected ${[...faultKinds.keys()].join(', ')}`);
    if (kind.needs && !kind.needs.includes(open.link.protocol)) {
      const needed = kind.needs.join(' or ');
      throw new Refused(`a ${kindName} needs a link with protocol ${needed}; "${proxy}" has ${open.link.protocol}`);
    }
    const fault = this.#begin(kindName, () => kind.begin(settings, this.#tools));
    open.faults.set(id, fault);
    open.link.add(fault);
  }

  /** Harmless when it is gone, or never was. @returns what it did in all */
  remove(proxy: string, faultId: string): ProxyCounters {
    const open = this.#links.get(proxy);
    if (!open) return gone;
    const fault = open.faults.get(faultId);
    if (fault) {
      open.faults.delete(faultId);
      open.link.remove(fault);
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
    for (const { link } of this.#links.values()) link.close();
  }

  #begin(kind: string, begin: () => LinkFault): LinkFault {
    try {
      return begin();
    } catch (error) {
      throw error instanceof SettingsError ? new Refused(`${kind}: ${error.message}`) : error;
    }
  }
}

const gone: ProxyCounters = { inForce: 0 };
