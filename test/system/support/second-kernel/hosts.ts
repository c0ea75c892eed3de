import type { SecondMachine } from './machine.ts';

let made = 0;

/** Two hosts on a cable in the second machine: network namespaces, `10.99.0.1` and `10.99.0.2`. */
export class TwoHostsThere {
  readonly #machine: SecondMachine;
  readonly #id = ++made;
  readonly a = `host-${this.#id}-a`;
  readonly b = `host-${this.#id}-b`;
  readonly device = 'eth0';

  private constructor(machine: SecondMachine) {
    this.#machine = machine;
  }

  static async on(machine: SecondMachine): Promise<TwoHostsThere> {
    const hosts = new TwoHostsThere(machine);
    await machine.run('sh', '-ec', hosts.#script());
    return hosts;
  }

  #script(): string {
    const host = (name: string, address: string): string => `
      ip -n ${name} addr add ${address}/24 dev eth0
      ip -n ${name} link set eth0 up
      ip -n ${name} link set lo up`;
    return `
      ip netns add ${this.a}
      ip netns add ${this.b}
      ip link add eth0 netns ${this.a} type veth peer name eth0 netns ${this.b}
      ${host(this.a, '10.99.0.1')}
      ${host(this.b, '10.99.0.2')}`;
  }

  /** Runs a program on one of them. @returns what it said, whatever its exit status */
  async at(host: string, ...argv: string[]): Promise<string> {
    return (await this.#machine.ask('ip', 'netns', 'exec', host, ...argv)).stdout;
  }

  queues = (host: string): Promise<string> => this.at(host, 'tc', 'qdisc', 'show');

  /** Pings a from b, so that what a answers leaves a. @param everySeconds between two of them */
  async ping(count: number, everySeconds = 0.01): Promise<Pings> {
    const argv = ['-c', String(count), '-i', String(everySeconds), '-W', '2', '10.99.0.1'];
    const said = await this.at(this.b, 'ping', ...argv);
    const answers = [...said.matchAll(/icmp_seq=([0-9]+) .*time=([0-9.]+) ms( \(DUP!\))?/g)];
    return {
      sequence: answers.filter(([, , , again]) => !again).map(([, number]) => Number(number)),
      timesMs: answers.filter(([, , , again]) => !again).map(([, , ms]) => Number(ms)),
      duplicates: answers.filter(([, , , again]) => again).length,
    };
  }
}

/** What ping saw; what came twice is counted once. */
export interface Pings {
  /** Numbers of those that were answered, as the answers came. */
  sequence: number[];
  timesMs: number[];
  duplicates: number;
}
