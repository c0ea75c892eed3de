import type { ProxyCounters } from '../../model/fault.ts';
import { type ProxyControl, ProxyGone } from '../../proxy/client.ts';
import { type ProxyStart, type StartedProxy, startProxy } from '../../proxy/start.ts';

/** How long it may take to end by itself. */
const graceMs = 2000;

interface SteeredOptions extends ProxyStart {
  /** For messages: `fault proxy`. */
  name: string;
  onFailure(message: string): void;
}

/** A process that carries traffic and is told over a socket what to do to it. It is started when it is first needed. */
export class Steered {
  readonly #options: SteeredOptions;
  #started: Promise<StartedProxy> | undefined;
  #closing = false;

  constructor(options: SteeredOptions) {
    this.#options = options;
  }

  /** The control socket: all that the guardian needs to lift a fault. */
  get socketPath(): string {
    return this.#options.socketPath;
  }

  async start(): Promise<ProxyControl> {
    this.#started ??= this.#start();
    return (await this.#started).control;
  }

  /** @throws ProxyGone when it was never started */
  async control(): Promise<ProxyControl> {
    if (!this.#started) throw new ProxyGone(`the ${this.#options.name} was not started`);
    return (await this.#started).control;
  }

  /** What a fault did so far. @throws ProxyGone */
  async counters(link: string, faultId: string): Promise<ProxyCounters> {
    return await (await this.control()).counters(link, faultId);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const started = await this.#started?.catch(() => undefined);
    if (!started || started.child.exitCode !== null || started.child.signalCode !== null) return;
    const exited = new Promise((resolve) => started.child.once('exit', resolve));
    started.control.close();
    started.child.kill('SIGTERM');
    // One that does not answer any more is ended: its ports are not to outlive the run.
    const patience = setTimeout(() => started.child.kill('SIGKILL'), graceMs);
    await exited;
    clearTimeout(patience);
  }

  async #start(): Promise<StartedProxy> {
    const { onFailure, name } = this.#options;
    const started = await startProxy(this.#options);
    started.child.once('exit', (code, signal) => {
      if (this.#closing) return;
      const how = signal ? `was ended by ${signal}` : `exited with ${code}`;
      onFailure(`the ${name} ${how}: ${started.lastWords()}`);
    });
    return started;
  }
}
