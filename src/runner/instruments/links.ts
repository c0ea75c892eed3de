import { join } from 'node:path';
import type { ProxyCounters } from '../../model/fault.ts';
import type { ProxyFault } from '../../model/operation.ts';
import type { ProxyTarget } from '../../model/scenario.ts';
import { Steered } from './steered.ts';

/** The proxied links of a run: one proxy process holds them all. It is started with the first. */
export class Links {
  readonly #proxy: Steered;

  constructor({
    scratch,
    ...options
  }: { entry: string; scratch: string; env: NodeJS.ProcessEnv; onFailure(message: string): void }) {
    this.#proxy = new Steered({ ...options, name: 'fault proxy', socketPath: join(scratch, 'proxy.sock') });
  }

  /** The control socket: all that the guardian needs to lift a fault. */
  get socketPath(): string {
    return this.#proxy.socketPath;
  }

  /** @throws with one line, such as that the address is in use */
  async open({ id, listen, upstream, protocol }: ProxyTarget): Promise<void> {
    const control = await this.#proxy.start();
    await control.listen({ proxy: id, listen, upstream, protocol });
  }

  async add(link: string, fault: ProxyFault): Promise<void> {
    await (await this.#proxy.control()).add(link, fault);
  }

  /** What a fault did so far. A proxy that is gone does nothing any more. */
  async counters(link: string, faultId: string): Promise<ProxyCounters> {
    return await this.#proxy.counters(link, faultId);
  }

  async close(): Promise<void> {
    await this.#proxy.close();
  }
}
