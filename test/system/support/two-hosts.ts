import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

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

  /** Without blocking: other tests run at the same time. */
  async on(host: string, program: string, ...argv: string[]): Promise<string> {
    return (await run('ip', ['netns', 'exec', host, program, ...argv])).stdout;
  }

  /** @returns how many of `count` pings from `from` were answered */
  async ping(from: string, count: number): Promise<number> {
    const to = from === this.a ? '10.99.0.2' : '10.99.0.1';
    const said = await this.on(from, 'ping', '-q', '-c', String(count), '-i', '0.01', '-W', '1', to).catch(
      (error: { stdout: string }) => error.stdout,
    );
    return Number(/, ([0-9]+) received/.exec(said)![1]);
  }

  rules(host: string): Promise<string> {
    return this.on(host, 'nft', 'list', 'ruleset');
  }

  remove(): void {
    for (const host of [this.a, this.b]) execFileSync('ip', ['netns', 'del', host]);
  }
}
