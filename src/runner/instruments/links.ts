import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { tableName } from '../../host/nft.ts';
import { redirect } from '../../host/port-redirect.ts';
import type { ProxyCounters } from '../../model/fault.ts';
import type { ProxyFault } from '../../model/operation.ts';
import type { ProxyTarget } from '../../model/scenario.ts';
import { parseAddress } from '../../probes/address.ts';
import { Steered } from './steered.ts';

/** Group ids that nobody is given: one of them is the proxy's while ports are redirected to it. */
const firstGroup = 2_080_374_784;
const groups = 65_536;

/** The proxied links of a run: one proxy process holds them all. It is started with the first. */
export class Links {
  readonly #proxy: Steered;
  readonly #run: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #group: number;
  readonly #redirects: (() => Promise<void>)[] = [];

  /** @param options.transparent whether a link is: the proxy is then told from other programs by a group of its own */
  constructor({
    run,
    scratch,
    transparent,
    onFailure,
    ...options
  }: {
    entry: string;
    run: string;
    scratch: string;
    env: NodeJS.ProcessEnv;
    transparent: boolean;
    onFailure(message: string): void;
  }) {
    this.#run = run;
    this.#env = options.env;
    this.#group = firstGroup + (crc32(run) % groups);
    this.#proxy = new Steered({
      ...options,
      ...(transparent ? { group: this.#group } : {}),
      name: 'fault proxy',
      socketPath: join(scratch, 'proxy.sock'),
      onFailure: (message) => {
        void this.#endRedirects();
        onFailure(message);
      },
    });
  }

  /** The control socket: all that the guardian needs to lift a fault. */
  get socketPath(): string {
    return this.#proxy.socketPath;
  }

  /** @throws with one line, such as that the address is in use */
  async open({ id, listen, upstream, protocol, transparent }: ProxyTarget): Promise<void> {
    const control = await this.#proxy.start();
    const bound = await control.listen({ proxy: id, listen, upstream, protocol });
    if (transparent) this.#redirects.push(await this.#redirect(id, bound, upstream));
  }

  async add(link: string, fault: ProxyFault): Promise<void> {
    await (await this.#proxy.control()).add(link, fault);
  }

  /** What a fault did so far. @throws ProxyGone */
  async counters(link: string, faultId: string): Promise<ProxyCounters> {
    return await this.#proxy.counters(link, faultId);
  }

  async close(): Promise<void> {
    await this.#endRedirects();
    await this.#proxy.close();
  }

  /** Without a proxy behind it, a redirected port would be a dead one. */
  async #endRedirects(): Promise<void> {
    await Promise.all(this.#redirects.splice(0).map((end) => end()));
  }

  async #redirect(id: string, bound: string, upstream: string): Promise<() => Promise<void>> {
    const { host, port } = parseAddress(upstream)!;
    const about = { address: host, port, to: parseAddress(bound)!.port, exceptGroup: this.#group };
    return await redirect(tableName(this.#run, id), about, this.#env);
  }
}
