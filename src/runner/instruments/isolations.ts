import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lastWordsOf } from '../../host/last-words.ts';
import { administratorsPath } from '../../host/namespace.ts';
import { identify } from '../../host/processes.ts';
import type { ProcessIdentity } from '../../model/operation.ts';
import type { NetworkIsolation } from '../../model/scenario.ts';

/** How long a relay may take to end by itself. */
const graceMs = 2000;

interface Options {
  /** The built program of the relay. */
  entry: string;
  env: NodeJS.ProcessEnv;
  onFailure(message: string): void;
}

interface Isolation {
  relay: ChildProcess;
  holder: ProcessIdentity;
}

/**
 * The network namespaces of processes of a run, each held and connected by a relay. A relay outlives the runner until the
 * guardian has undone what is in force in its namespace; then it is ended by its mark.
 */
export class Isolations {
  readonly #options: Options;
  readonly #isolations = new Map<string, Isolation>();
  #closing = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** @returns the process that holds the namespace @throws with one line when there cannot be one */
  async open(target: string, network: NetworkIsolation): Promise<ProcessIdentity> {
    const { entry, env, onFailure } = this.#options;
    const relay = spawn(process.execPath, [entry, 'outside', JSON.stringify(network)], {
      env: { ...env, PATH: administratorsPath() },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      cwd: '/',
    });
    const lastWords = lastWordsOf(relay.stderr);
    const holder = identify(Number(await firstWords(relay, lastWords)));
    if (!holder) throw new Error('its network namespace is gone already');
    relay.once('exit', (code, signal) => {
      const how = signal ? `was ended by ${signal}` : `exited with ${code}: ${lastWords()}`;
      if (!this.#closing) onFailure(`the relay of ${target} ${how}`);
    });
    this.#isolations.set(target, { relay, holder });
    return holder;
  }

  /** @throws when it has none */
  holderOf(target: string): ProcessIdentity {
    const isolation = this.#isolations.get(target);
    if (!isolation) throw new Error(`${target} has no network namespace of its own`);
    return isolation.holder;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#isolations.values()].map(({ relay }) => ended(relay)));
  }
}

async function firstWords(relay: ChildProcess, lastWords: () => string): Promise<string> {
  const said = once(relay.stdout!, 'data').then(([data]) => String(data));
  const closed = once(relay, 'close').then(() => {
    throw new Error(lastWords() || 'its relay ended at once');
  });
  return await Promise.race([said, closed]);
}

async function ended(relay: ChildProcess): Promise<void> {
  if (relay.exitCode !== null || relay.signalCode !== null) return;
  const exit = once(relay, 'exit');
  relay.kill('SIGTERM');
  const patience = setTimeout(() => relay.kill('SIGKILL'), graceMs);
  await exit;
  clearTimeout(patience);
}
