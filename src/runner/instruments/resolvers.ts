import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { administratorsPath, inNamespace } from '../../host/namespace.ts';
import type { ProxyCounters } from '../../model/fault.ts';
import type { ProxyFault } from '../../model/operation.ts';
import type { Redirection } from '../../model/packet-rules.ts';
import { everyLink } from '../../resolver/every-link.ts';
import { Steered } from './steered.ts';

/**
 * The group that resolvers run as, so that what they ask themselves is told apart from what comes to them. Nothing else
 * has it: Debian gives 60000 to 64999 away only on demand, and systemd leaves 60706 to 61183 alone.
 */
const ownGroup = 61_053;

interface Options {
  entry: string;
  scratch: string;
  env: NodeJS.ProcessEnv;
  onFailure(message: string): void;
}

/** The resolvers of a run: one for this machine and each network namespace whose queries are met. */
export class Resolvers {
  readonly #options: Options;
  readonly #resolvers = new Map<string | undefined, Steered>();
  /** Of each way that is open, by its namespace and nameserver: the port. */
  readonly #ways = new Map<string, Promise<number>>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** The control socket of one: all that the guardian needs to lift a fault. */
  socketPath(namespace: string | undefined): string {
    return this.#resolver(namespace).socketPath;
  }

  /** Opens ways for all queries of a host. @throws with one line */
  async redirection(namespace: string | undefined, nameservers: string[]): Promise<Redirection> {
    const ways = nameservers.map(async (nameserver) => ({ nameserver, port: await this.#way(namespace, nameserver) }));
    return { ways: await Promise.all(ways), exceptGroup: ownGroup };
  }

  async add(namespace: string | undefined, proxy: string, fault: ProxyFault): Promise<void> {
    await (await this.#resolver(namespace).control()).add(proxy, fault);
  }

  /** What a fault did so far. A resolver that is gone does nothing any more. */
  async counters(namespace: string | undefined, proxy: string, faultId: string): Promise<ProxyCounters> {
    return await this.#resolver(namespace).counters(proxy, faultId);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#resolvers.values()].map((resolver) => resolver.close()));
  }

  #way(namespace: string | undefined, nameserver: string): Promise<number> {
    const key = JSON.stringify([namespace, nameserver]);
    const known = this.#ways.get(key) ?? this.#open(namespace, nameserver);
    this.#ways.set(key, known);
    known.catch(() => this.#ways.delete(key));
    return known;
  }

  async #open(namespace: string | undefined, nameserver: string): Promise<number> {
    const control = await this.#resolver(namespace).start();
    const six = nameserver.includes(':');
    const bound = await control.listen({
      proxy: everyLink,
      listen: six ? '[::1]:0' : '127.0.0.1:0',
      upstream: six ? `[${nameserver}]:53` : `${nameserver}:53`,
      protocol: 'dns',
    });
    return Number(/[0-9]+$/.exec(bound)![0]);
  }

  #resolver(namespace: string | undefined): Steered {
    const { entry, scratch, env, onFailure } = this.#options;
    const known = this.#resolvers.get(namespace);
    if (known) return known;
    const resolver = new Steered({
      entry,
      name: 'resolver',
      socketPath: join(scratch, `resolver-${crc32(namespace ?? '').toString(16)}.sock`),
      env: { ...env, PATH: administratorsPath() },
      within: inNamespace(namespace),
      group: ownGroup,
      onFailure,
    });
    this.#resolvers.set(namespace, resolver);
    return resolver;
  }
}
