import { randomUUID } from 'node:crypto';
import { parseAddress } from '../links/address.ts';
import { Budget } from '../links/budget.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { ApiError, badBody } from './api-error.ts';
import { NamedProxy, type Shared } from './named-proxy.ts';

/** What a proxy is made from. */
export interface ProxyOrder {
  name: string;
  listen: string;
  upstream: string;
  enabled: boolean;
}

/** All proxies of one server by their names. What changes them happens one after the other. */
export class Proxies {
  readonly #shared: Shared;
  readonly #proxies = new Map<string, NamedProxy>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deadlines: Deadlines, seed: string = randomUUID()) {
    this.#shared = { deadlines, budget: new Budget(), seed };
  }

  /** In the order of their names. */
  all(): NamedProxy[] {
    return [...this.#proxies.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws ApiError when nothing has this name */
  get(name: string): NamedProxy {
    const proxy = this.#proxies.get(name);
    if (!proxy) throw new ApiError('proxy not found', 404);
    return proxy;
  }

  /** @throws ApiError when the name is taken, or it cannot listen; then there is none */
  create(order: ProxyOrder): Promise<NamedProxy> {
    return this.#inTurn(async () => {
      if (this.#proxies.has(order.name)) throw new ApiError('proxy already exists', 409);
      return await this.#make(order);
    });
  }

  /**
   * Creates proxies, or replaces those that listen or lead elsewhere; the others stay untouched. It stops at the first
   * that cannot be done.
   * @returns those that are as asked for, and what went wrong
   */
  populate(orders: ProxyOrder[]): Promise<{ proxies: NamedProxy[]; error?: ApiError }> {
    return this.#inTurn(async () => {
      const proxies: NamedProxy[] = [];
      for (const order of orders) {
        try {
          proxies.push(await this.#addOrReplace(order));
        } catch (error) {
          if (error instanceof ApiError) return { proxies, error };
          throw error;
        }
      }
      return { proxies };
    });
  }

  /** @throws ApiError when there is none, or it cannot listen; then it is disabled */
  update(name: string, changed: (before: NamedProxy) => Omit<ProxyOrder, 'name'>): Promise<NamedProxy> {
    return this.#inTurn(async () => {
      const proxy = this.get(name);
      const { listen, upstream, enabled } = changed(proxy);
      refuseBadUpstream(upstream);
      if (await proxy.differs({ listen, upstream })) {
        proxy.stop();
        proxy.listen = listen;
        proxy.upstream = upstream;
      }
      if (enabled) await proxy.start();
      else proxy.stop();
      return proxy;
    });
  }

  /** @throws ApiError when there is none */
  delete(name: string): Promise<void> {
    return this.#inTurn(async () => {
      this.get(name).stop();
      this.#proxies.delete(name);
    });
  }

  /** Enables all proxies and removes all toxics. @throws ApiError when one cannot listen */
  reset(): Promise<void> {
    return this.#inTurn(async () => {
      for (const proxy of this.all()) {
        await proxy.start();
        proxy.removeAll();
      }
    });
  }

  /** What has come goes on, and every port is free. */
  close(): void {
    for (const proxy of this.#proxies.values()) proxy.end();
  }

  async #addOrReplace(order: ProxyOrder): Promise<NamedProxy> {
    const existing = this.#proxies.get(order.name);
    if (existing && !(await existing.differs(order))) return existing;
    existing?.stop();
    return await this.#make(order);
  }

  async #make({ name, enabled, ...where }: ProxyOrder): Promise<NamedProxy> {
    refuseBadUpstream(where.upstream);
    const proxy = new NamedProxy(name, where, this.#shared);
    if (enabled) await proxy.start();
    this.#proxies.set(name, proxy);
    return proxy;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

function refuseBadUpstream(upstream: string): void {
  if (!parseAddress(upstream)) throw badBody(`upstream is ${JSON.stringify(upstream)}, expected host:port`);
}
