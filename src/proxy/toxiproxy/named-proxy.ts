import type { Budget } from '../links/budget.ts';
import { Link, mostFaults } from '../links/link.ts';
import { type LinkTraffic, noTraffic } from '../links/traffic.ts';
import type { Deadlines } from '../time/deadlines.ts';
import { ApiError } from './api-error.ts';
import { listenError, resolveListen } from './listen-address.ts';
import { Toxic, type ToxicView } from './toxic.ts';
import { toxicTypes } from './toxic-types.ts';

/** What all proxies of one server share. */
export interface Shared {
  deadlines: Deadlines;
  budget: Budget;
  seed: string;
}

export interface ProxyView {
  name: string;
  listen: string;
  upstream: string;
  enabled: boolean;
  toxics: ToxicView[];
}

/** A proxy that a client made: a link while it is enabled, and the toxics on it, which outlast the link. */
export class NamedProxy {
  readonly name: string;
  /** As it was written, or what is bound once it was enabled. */
  listen: string;
  upstream: string;
  readonly traffic: LinkTraffic = noTraffic();
  readonly #shared: Shared;
  readonly #toxics = new Map<string, Toxic>();
  #link: Link | undefined;

  constructor(name: string, { listen, upstream }: { listen: string; upstream: string }, shared: Shared) {
    this.name = name;
    this.listen = listen;
    this.upstream = upstream;
    this.#shared = shared;
  }

  get enabled(): boolean {
    return this.#link !== undefined;
  }

  get openConnections(): number {
    return this.#link?.openConnections ?? 0;
  }

  get view(): ProxyView {
    const { name, listen, upstream, enabled } = this;
    return { name, listen, upstream, enabled, toxics: this.toxics() };
  }

  /** Those on the way to the server first, each way in the order in which bytes pass them. */
  toxics(): ToxicView[] {
    const all = [...this.#toxics.values()].map(({ view }) => view);
    return [
      ...all.filter(({ stream }) => stream === 'upstream'),
      ...all.filter(({ stream }) => stream === 'downstream'),
    ];
  }

  /** Harmless when it is enabled. @throws ApiError when it cannot listen, and stays as it was */
  async start(): Promise<void> {
    if (this.#link) return;
    let { listen } = this;
    try {
      listen = await resolveListen(listen);
      const request = { proxy: this.name, listen, upstream: this.upstream, protocol: 'tcp' } as const;
      const { link, bound } = await Link.open(request, this.#shared.budget, this.traffic);
      this.#link = link;
      this.listen = bound;
    } catch (error) {
      throw listenError(listen, error);
    }
    for (const toxic of this.#toxics.values()) this.#link.add(toxic);
  }

  /** Ends its connections, as when a server goes down. */
  stop(): void {
    this.#link?.cut();
    this.#link = undefined;
  }

  /** What has come goes on first. */
  end(): void {
    this.#link?.close();
    this.#link = undefined;
  }

  /** Whether that is another link than this. @throws ApiError when `listen` is no address */
  async differs(other: { listen: string; upstream: string }): Promise<boolean> {
    return this.upstream !== other.upstream || this.listen !== (await resolveListen(other.listen));
  }

  /** @throws ApiError when nothing has this name */
  toxic(name: string): Toxic {
    const toxic = this.#toxics.get(name);
    if (!toxic) throw new ApiError('toxic not found', 404);
    return toxic;
  }

  /** In force when this returns, on connections that exist as well. @throws ApiError when the name is taken, or there are many */
  add(view: ToxicView): Toxic {
    if (this.#toxics.has(view.name)) throw new ApiError('toxic already exists', 409);
    if (this.#toxics.size >= mostFaults)
      throw new ApiError(`too many toxics: a proxy takes no more than ${mostFaults}`, 400);
    const { deadlines, seed } = this.#shared;
    const toxic = new Toxic(toxicTypes.get(view.type)!, view, { deadlines, seed: `${seed}/${this.name}` });
    this.#toxics.set(view.name, toxic);
    this.#link?.add(toxic);
    return toxic;
  }

  /** @throws ApiError when nothing has this name */
  change(name: string, changed: Pick<ToxicView, 'attributes' | 'toxicity'>): Toxic {
    const toxic = this.toxic(name);
    toxic.change(changed);
    this.#link?.changed(toxic);
    return toxic;
  }

  /** What it holds goes on at once. @throws ApiError when nothing has this name */
  remove(name: string): void {
    const toxic = this.toxic(name);
    this.#toxics.delete(name);
    this.#link?.remove(toxic);
  }

  removeAll(): void {
    for (const name of [...this.#toxics.keys()]) this.remove(name);
  }
}
