import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** By their last letters, which of their cables they are on. */
const cables = [
  ['a', 'b'],
  ['b', 'c'],
  ['c', 'a'],
] as const;

export type Letter = 'a' | 'b' | 'c';

/** Three hosts, each with a cable to each other: network namespaces of our own. Needs root. */
export class ThreeHosts {
  readonly #id = randomBytes(3).toString('hex');

  constructor() {
    for (const host of ['a', 'b', 'c'] as const) {
      execFileSync('ip', ['netns', 'add', this.name(host)]);
      execFileSync('ip', ['-n', this.name(host), 'link', 'set', 'lo', 'up']);
    }
    for (const [left, right] of cables) {
      const [device, peer] = [this.device(left, right), this.device(right, left)];
      const link = ['link', 'add', device, 'netns', this.name(left), 'type', 'veth'];
      execFileSync('ip', [...link, 'peer', 'name', peer, 'netns', this.name(right)]);
      for (const [host, end, other] of [
        [left, device, right],
        [right, peer, left],
      ] as const) {
        execFileSync('ip', ['-n', this.name(host), 'addr', 'add', `${this.address(host, other)}/24`, 'dev', end]);
        execFileSync('ip', ['-n', this.name(host), 'link', 'set', end, 'up']);
      }
    }
  }

  name(host: Letter): string {
    return `chaos-${this.#id}-${host}`;
  }

  /** The interface of a host on its cable to another. */
  device(host: Letter, other: Letter): string {
    return `c${host}${other}${this.#id}`;
  }

  /** That of a host on its cable to another. */
  address(host: Letter, other: Letter): string {
    const cable = cables.findIndex((ends) => ends.includes(host as never) && ends.includes(other as never));
    return `10.98.${cable}.${host.charCodeAt(0)}`;
  }

  /** @returns how many of `count` packets from one arrive at the other; none comes back */
  async arrivals(from: Letter, to: Letter, count: number): Promise<number> {
    const program = `
      const receiver = require('node:dgram').createSocket('udp4');
      let arrived = 0;
      receiver.on('message', () => (arrived += 1));
      receiver.bind(9000, '${this.address(to, from)}', () => console.log('ready'));
      process.stdin.on('data', () => setTimeout(() => { console.log(arrived); process.exit(); }, 200));`;
    const receiver = execFile('ip', ['netns', 'exec', this.name(to), process.execPath, '-e', program]);
    await new Promise((resolve) => receiver.stdout!.once('data', resolve));
    const send = `
      const sender = require('node:dgram').createSocket('udp4');
      (async () => {
        for (let left = ${count}; left > 0; left -= 1) {
          await new Promise((resolve) => sender.send('x', 9000, '${this.address(to, from)}', resolve));
          // What waits for a receiver that has no processor is dropped by its socket.
          if (left % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 4));
        }
        sender.close();
      })();`;
    await run('ip', ['netns', 'exec', this.name(from), process.execPath, '-e', send]);
    const said = new Promise<string>((resolve) => receiver.stdout!.once('data', resolve));
    receiver.stdin!.write('\n');
    return Number(await said);
  }

  /** @returns `connected`, or the code of the error that somebody who connects from one to the other meets */
  async connection(from: Letter, to: Letter): Promise<string> {
    const address = this.address(to, from);
    const listen = `require('node:net').createServer(() => {}).listen(7000, '${address}', () => console.log('ready'))`;
    const server = execFile('ip', ['netns', 'exec', this.name(to), process.execPath, '-e', listen]);
    await new Promise((resolve) => server.stdout!.once('data', resolve));
    const program = `require('node:net').connect(7000, '${address}')
      .on('connect', () => { console.log('connected'); process.exit(); }).on('error', ({ code }) => console.log(code));`;
    const { stdout } = await run('ip', ['netns', 'exec', this.name(from), process.execPath, '-e', program]);
    const closed = new Promise((resolve) => server.once('close', resolve));
    server.kill('SIGKILL');
    await closed;
    return stdout.trim();
  }

  /** What tc says of all three. */
  async queues(): Promise<string[]> {
    const all = (['a', 'b', 'c'] as const).map((host) => run('ip', ['netns', 'exec', this.name(host), 'tc', 'qdisc']));
    return (await Promise.all(all)).map(({ stdout }) => stdout);
  }

  /** What nft says of all three. */
  async rules(): Promise<string[]> {
    return await Promise.all(
      (['a', 'b', 'c'] as const).map(
        async (host) => (await run('ip', ['netns', 'exec', this.name(host), 'nft', 'list', 'ruleset'])).stdout,
      ),
    );
  }

  remove(): void {
    for (const host of ['a', 'b', 'c'] as const) execFileSync('ip', ['netns', 'delete', this.name(host)]);
  }
}
