import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Two hosts on a cable: network namespaces of our own, `10.99.0.1` and `10.99.0.2`. Needs root. */
export class TwoHosts {
  readonly #id = randomBytes(3).toString('hex');
  readonly a = `chaos-${this.#id}-a`;
  readonly b = `chaos-${this.#id}-b`;

  constructor() {
    for (const host of [this.a, this.b]) execFileSync('ip', ['netns', 'add', host]);
    const [left, right] = [this.device(this.a), this.device(this.b)];
    execFileSync('ip', ['link', 'add', left, 'netns', this.a, 'type', 'veth', 'peer', 'name', right, 'netns', this.b]);
    for (const [host, device, address] of [
      [this.a, left, '10.99.0.1/24'],
      [this.b, right, '10.99.0.2/24'],
    ] as const) {
      execFileSync('ip', ['-n', host, 'addr', 'add', address, 'dev', device]);
      for (const one of [device, 'lo']) execFileSync('ip', ['-n', host, 'link', 'set', one, 'up']);
    }
  }

  device(host: string): string {
    return `c${host.at(-1)}${this.#id}`;
  }

  /** Sends as fast as it can from a to b. @returns what b received, on average */
  async bytesPerSecond(forSeconds: number): Promise<number> {
    const program = `
      const { createServer } = require('node:net');
      const server = createServer((socket) => {
        let bytes = 0;
        const began = performance.now();
        socket.on('data', (data) => (bytes += data.length)).on('error', () => {});
        setTimeout(() => { console.log(bytes / ((performance.now() - began) / 1000)); process.exit(); }, ${forSeconds * 1000});
      });
      server.listen(9000, '10.99.0.2', () => process.stderr.write('listening'));`;
    const receiver = execFile('ip', ['netns', 'exec', this.b, process.execPath, '-e', program]);
    let said = '';
    receiver.stdout!.on('data', (text) => {
      said += text;
    });
    await once(receiver.stderr!, 'data');
    const sender = execFile('ip', [
      'netns',
      'exec',
      this.a,
      process.execPath,
      '-e',
      `
      const socket = require('node:net').connect(9000, '10.99.0.2').on('error', () => process.exit());
      const block = Buffer.alloc(65536);
      const more = () => { while (socket.write(block)); };
      socket.on('connect', more).on('drain', more);`,
    ]);
    await Promise.all([once(receiver, 'close'), once(sender, 'close')]);
    return Number(said);
  }

  /** Opens connections from b to an echoing server on a. @returns `say`: says a word on each, and what came of it */
  async conversations(count: number, port: number): Promise<{ say(): Promise<string[]>; end(): void }> {
    const server = execFile('ip', [
      'netns',
      'exec',
      this.a,
      process.execPath,
      '-e',
      `require('node:net').createServer((socket) => socket.pipe(socket).on('error', () => {}))
        .listen(${port}, '10.99.0.1', () => console.log('ready'));`,
    ]);
    await once(server.stdout!, 'data');
    const clients = execFile('ip', [
      'netns',
      'exec',
      this.b,
      process.execPath,
      '-e',
      `
      const { connect } = require('node:net');
      const { once } = require('node:events');
      const sockets = Array.from({ length: ${count} }, () => connect(${port}, '10.99.0.1'));
      const answerOf = (socket) => Promise.race([
        once(socket, 'data').then(() => 'answered', (error) => error.code),
        new Promise((resolve) => socket.on('close', () => resolve('closed'))),
      ]);
      (async () => {
        await Promise.all(sockets.map((socket) => once(socket, 'connect')));
        console.log('ready');
        process.stdin.on('data', async () => {
          const answers = sockets.map((socket) => { const answer = answerOf(socket); socket.write('x'); return answer; });
          console.log(JSON.stringify(await Promise.all(answers)));
        });
      })();`,
    ]);
    await once(clients.stdout!, 'data');
    return {
      async say() {
        clients.stdin!.write('\n');
        return JSON.parse(String((await once(clients.stdout!, 'data'))[0])) as string[];
      },
      end() {
        for (const child of [clients, server]) child.kill();
      },
    };
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
