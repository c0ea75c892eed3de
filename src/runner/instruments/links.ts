import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { tableName } from '../../host/nft.ts';
import { redirect } from '../../host/port-redirect.ts';
import type { ProxyCounters } from '../../model/fault.ts';
import type { ProxyFault } from '../../model/operation.ts';
import type { ProxyTarget } from '../../model/scenario.ts';
import { parseAddress } from '../../probes/address.ts';
import { ProxyGone } from '../../proxy/client.ts';
import { type StartedProxy, startProxy } from '../../proxy/start.ts';

/** Group ids that nobody is given: one of them is the proxy's while ports are redirected to it. */
const firstGroup = 2_080_374_784;
const groups = 65_536;
/** How long the proxy may take to end by itself. */
const graceMs = 2000;

/** The proxied links of a run: one proxy process holds them all. It is started with the first. */
export class Links {
  readonly #entry: string;
  readonly #socketPath: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #onFailure: (message: string) => void;
  readonly #run: string;
  readonly #group: number | undefined;
  readonly #redirects: (() => Promise<void>)[] = [];
  #proxy: Promise<StartedProxy> | undefined;
  #closing = false;

  /** @param options.transparent whether a link is: the proxy is then told from other programs by a group of its own */
  constructor(options: {
    entry: string;
    run: string;
    scratch: string;
    env: NodeJS.ProcessEnv;
    transparent: boolean;
    onFailure(message: string): void;
  }) {
    this.#entry = options.entry;
    this.#socketPath = join(options.scratch, 'proxy.sock');
    this.#env = options.env;
    this.#onFailure = options.onFailure;
    this.#run = options.run;
    if (options.transparent) this.#group = firstGroup + (crc32(options.run) % groups);
  }

  /** The control socket: all that the guardian needs to lift a fault. */
  get socketPath(): string {
    return this.#socketPath;
  }

  /** @throws with one line, such as that the address is in use */
  async open({ id, listen, upstream, protocol, transparent }: ProxyTarget): Promise<void> {
    this.#proxy ??= this.#start();
    const { control } = await this.#proxy;
    const bound = await control.listen({ proxy: id, listen, upstream, protocol });
    if (transparent) this.#redirects.push(await this.#redirect(id, bound, upstream));
  }

  async add(link: string, fault: ProxyFault): Promise<void> {
    const { control } = await this.#started();
    await control.add(link, fault);
  }

  /** What a fault did so far. @throws ProxyGone */
  async counters(link: string, faultId: string): Promise<ProxyCounters> {
    const { control } = await this.#started();
    return await control.counters(link, faultId);
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#endRedirects();
    const proxy = await this.#proxy?.catch(() => undefined);
    if (!proxy || proxy.child.exitCode !== null || proxy.child.signalCode !== null) return;
    const exited = new Promise((resolve) => proxy.child.once('exit', resolve));
    proxy.control.close();
    proxy.child.stdin!.end();
    // One that does not answer any more is ended: its ports are not to outlive the run.
    const patience = setTimeout(() => proxy.child.kill('SIGKILL'), graceMs);
    await exited;
    clearTimeout(patience);
  }

  /** Without a proxy behind it, a redirected port would be a dead one. */
  async #endRedirects(): Promise<void> {
    await Promise.all(this.#redirects.splice(0).map((end) => end()));
  }

  async #redirect(id: string, bound: string, upstream: string): Promise<() => Promise<void>> {
    const { host, port } = parseAddress(upstream)!;
    const table = tableName(this.#run, id);
    return await redirect(
      table,
      { address: host, port, to: parseAddress(bound)!.port, exceptGroup: this.#group! },
      this.#env,
    );
  }

  #started(): Promise<StartedProxy> {
    return this.#proxy ?? Promise.reject(new ProxyGone('no link is open'));
  }

  async #start(): Promise<StartedProxy> {
    const proxy = await startProxy({
      entry: this.#entry,
      socketPath: this.#socketPath,
      env: this.#env,
      group: this.#group,
    });
    proxy.child.once('exit', (code, signal) => {
      void this.#endRedirects();
      if (!this.#closing)
        this.#onFailure(
          `the fault proxy ${signal ? `was ended by ${signal}` : `exited with ${code}`}: ${proxy.lastWords()}`,
        );
    });
    return proxy;
  }
}
