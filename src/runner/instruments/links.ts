import { join } from 'node:path';
import type { ProxyCounters } from '../../model/fault.ts';
import type { ProxyFault } from '../../model/operation.ts';
import type { ProxyTarget } from '../../model/scenario.ts';
import { ProxyGone } from '../../proxy/client.ts';
import { type StartedProxy, startProxy } from '../../proxy/start.ts';

/** How long the proxy may take to end by itself. */
const graceMs = 2000;

/** The proxied links of a run: one proxy process holds them all. It is started with the first. */
export class Links {
  readonly #entry: string;
  readonly #socketPath: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #onFailure: (message: string) => void;
  #proxy: Promise<StartedProxy> | undefined;
  #closing = false;

  constructor(options: { entry: string; scratch: string; env: NodeJS.ProcessEnv; onFailure(message: string): void }) {
    this.#entry = options.entry;
    this.#socketPath = join(options.scratch, 'proxy.sock');
    this.#env = options.env;
    this.#onFailure = options.onFailure;
  }

  /** The control socket: all that the guardian needs to lift a fault. */
  get socketPath(): string {
    return this.#socketPath;
  }

  /** @throws with one line, such as that the address is in use */
  async open({ id, listen, upstream, protocol }: ProxyTarget): Promise<void> {
    this.#proxy ??= this.#start();
    const { control } = await this.#proxy;
    await control.listen({ proxy: id, listen, upstream, protocol });
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

  #started(): Promise<StartedProxy> {
    return this.#proxy ?? Promise.reject(new ProxyGone('no link is open'));
  }

  async #start(): Promise<StartedProxy> {
    const proxy = await startProxy({ entry: this.#entry, socketPath: this.#socketPath, env: this.#env });
    proxy.child.once('exit', (code, signal) => {
      if (!this.#closing)
        this.#onFailure(
          `the fault proxy ${signal ? `was ended by ${signal}` : `exited with ${code}`}: ${proxy.lastWords()}`,
        );
    });
    return proxy;
  }
}
