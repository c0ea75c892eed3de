import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

/** Two hosts on a cable: network namespaces of our own, `10.99.0.1` and `10.99.0.2`. Needs root. */
export class TwoHosts {
  readonly #id = randomBytes(3).toString('hex');
  readonly a = `chaos-${this.#id}-a`;
  readonly b = `chaos-${this.#id}-b`;

  constructor() {
    for (const host of [this.a, this.b]) execFileSync('ip', ['netns', 'add', host]);
    const [left, right] = [`ca${this.#id}`, `cb${this.#id}`];
    execFileSync('ip', ['link', 'add', left, 'netns', this.a, 'type', 'veth', 'peer', 'name', right, 'netns', this.b]);
    for (const [host, device, address] of [
      [this.a, left, '10.99.0.1/24'],
      [this.b, right, '10.99.0.2/24'],
    ] as const) {
      execFileSync('ip', ['-n', host, 'addr', 'add', address, 'dev', device]);
      for (const one of [device, 'lo']) execFileSync('ip', ['-n', host, 'link', 'set', one, 'up']);
    }
  }

  on(host: string, program: string, ...argv: string[]): string {
    return execFileSync('ip', ['netns', 'exec', host, program, ...argv], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** @returns how many of `count` pings from `from` were answered */
  ping(from: string, count: number, everySeconds = 0.01): number {
    const to = from === this.a ? '10.99.0.2' : '10.99.0.1';
    try {
      const said = this.on(from, 'ping', '-q', '-c', String(count), '-i', String(everySeconds), '-W', '1', to);
      return Number(/, ([0-9]+) received/.exec(said)![1]);
    } catch (error) {
      return Number(/, ([0-9]+) received/.exec((error as { stdout: string }).stdout)![1]);
    }
  }

  rules(host: string): string {
    return this.on(host, 'nft', 'list', 'ruleset');
  }

  remove(): void {
    for (const host of [this.a, this.b]) execFileSync('ip', ['netns', 'del', host]);
  }
}
