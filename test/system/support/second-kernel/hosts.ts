import type { SecondMachine } from './machine.ts';

let made = 0;

/** Two hosts on a cable in the second machine: network namespaces, `10.99.0.1` and `10.99.0.2`. */
export class TwoHostsThere {
  readonly #machine: SecondMachine;
  readonly #id = ++made;
  readonly a = `host-${this.#id}-a`;
  readonly b = `host-${this.#id}-b`;

  private constructor(machine: SecondMachine) {
    this.#machine = machine;
  }

  static async on(machine: SecondMachine): Promise<TwoHostsThere> {
    const hosts = new TwoHostsThere(machine);
    await machine.run('sh', '-ec', hosts.#script());
    return hosts;
  }

  /** They know each other's hardware address: what a fault does to packets does it to ARP's, too, and then none flow. */
  #script(): string {
    const host = (name: string, own: number, other: number): string => `
      ip -n ${name} link set eth0 address 02:00:00:00:00:0${own} up
      ip -n ${name} link set lo up
      ip -n ${name} addr add 10.99.0.${own}/24 dev eth0
      ip -n ${name} neigh add 10.99.0.${other} lladdr 02:00:00:00:00:0${other} dev eth0`;
    return `
      ip netns add ${this.a}
      ip netns add ${this.b}
      ip link add eth0 netns ${this.a} type veth peer name eth0 netns ${this.b}
      ${host(this.a, 1, 2)}
      ${host(this.b, 2, 1)}`;
  }

  /** What runs a program on one of them. */
  words = (host: string, ...argv: string[]): string[] => ['ip', 'netns', 'exec', host, ...argv];

  /** @returns what it said, whatever its exit status */
  async at(host: string, ...argv: string[]): Promise<string> {
    return (await this.#machine.ask(...this.words(host, ...argv))).stdout;
  }

  queues = (host: string): Promise<string> => this.at(host, 'tc', 'qdisc', 'show');

  /**
   * Pings a from b, so that what is answered leaves a. It ends well even if some are not answered.
   * @param atOnce so many are sent at the beginning, however slow the machine
   */
  pings = (count: number, everySeconds = 0.01, bytes = 56, atOnce = 1): string[] => {
    const how = { c: count, i: everySeconds, s: bytes, l: atOnce, W: 1 };
    return this.words(
      this.b,
      'ping',
      ...Object.entries(how).flatMap(([key, value]) => [`-${key}`, `${value}`]),
      '10.99.0.1',
    );
  };

  ping = async (count: number): Promise<Pings> => pingsIn((await this.#machine.ask(...this.pings(count))).stdout);

  /** Sends datagrams from a to b, where nobody but the kernel looks at them. */
  datagrams = (count: number): string[] =>
    this.words(
      this.a,
      'node',
      '-e',
      `const socket = require('node:dgram').createSocket('udp4');
      let left = ${count};
      const timer = setInterval(() => {
        socket.send(Buffer.alloc(1000), 9, '10.99.0.2');
        if (--left === 0) { clearInterval(timer); socket.close(); }
      }, 2);`,
    );

  /** What the kernel of b counted: those that fail no checksum have no port, the others do not get as far. */
  async datagramsReceived(): Promise<{ intact: number; wrong: number }> {
    const lines = (await this.at(this.b, 'cat', '/proc/net/snmp'))
      .split('\n')
      .filter((line) => line.startsWith('Udp:'));
    const [names, values] = lines.map((line) => line.split(' ')) as [string[], string[]];
    const count = (name: string) => Number(values[names.indexOf(name)]);
    return { intact: count('NoPorts'), wrong: count('InCsumErrors') };
  }
}

/** What ping saw; what came twice is counted once. */
export interface Pings {
  /** Numbers of those that were answered, as the answers came. */
  sequence: number[];
  timesMs: number[];
  duplicates: number;
}

export function pingsIn(said: string): Pings {
  const answers = [...said.matchAll(/icmp_seq=([0-9]+) .*time=([0-9.]+) ms( \(DUP!\))?/g)];
  const first = answers.filter(([, , , again]) => again === undefined);
  return {
    sequence: first.map(([, number]) => Number(number)),
    timesMs: first.map(([, , ms]) => Number(ms)),
    duplicates: answers.length - first.length,
  };
}
