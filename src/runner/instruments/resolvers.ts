import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { nameserversIn, resolverFile, withNameservers } from '../../host/nameservers.ts';
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

const mostDraws = 3;

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

  /**
   * A resolver file for a process on this machine: its nameservers are ours, and hand everything on to those that it had.
   * @returns the file's path @throws with one line
   */
  async fileFor(target: string): Promise<string> {
    const text = readFileSync(resolverFile(undefined), 'utf8');
    const ours = nameserversIn(text).map(
      async (nameserver) => [nameserver, await this.#openAnywhere(target, nameserver)] as const,
    );
    const file = join(this.#options.scratch, `resolv-${crc32(target).toString(16)}.conf`);
    writeFileSync(file, withNameservers(text, new Map(await Promise.all(ours))), { mode: 0o644 });
    return file;
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

  /** A resolver file names no ports. What is bound to every address keeps us from this one; another run only if we both drew it. */
  async #openAnywhere(proxy: string, nameserver: string): Promise<string> {
    const control = await this.#resolver(undefined).start();
    for (let left = mostDraws; ; left -= 1) {
      const address = `127.53.${randomInt(256)}.${randomInt(1, 255)}`;
      try {
        await control.listen({ proxy, listen: `${address}:53`, upstream: serverOf(nameserver), protocol: 'dns' });
        return address;
      } catch (error) {
        if (left === 0) throw error;
      }
    }
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
    const bound = await control.listen({
      proxy: everyLink,
      listen: nameserver.includes(':') ? '[::1]:0' : '127.0.0.1:0',
      upstream: serverOf(nameserver),
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

const serverOf = (address: string): string => (address.includes(':') ? `[${address}]:53` : `${address}:53`);
