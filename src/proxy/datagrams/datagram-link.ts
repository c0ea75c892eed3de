import type { RemoteInfo, Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type Address, formatAddress } from '../links/address.ts';
import type { Budget } from '../links/budget.ts';
import { addressOf, refusal } from '../links/listen.ts';
import { nowMs } from '../time/now.ts';
import type { DatagramFault } from './fault.ts';
import { Flow } from './flow.ts';
import { socketFor } from './socket.ts';

/** Who has been silent for so long, and to whom nothing was said, is forgotten. */
const idleMs = 60_000;
const sweepEveryMs = 10_000;
/** Each has a socket. Of more, who has been silent the longest is forgotten. */
const mostFlows = 1024;

interface Known {
  flow: Flow;
  lastMs: number;
}

/**
 * A port whose datagrams are carried to another, those of each client by a socket of its own, so that answers find back.
 * Faults in force work on every client, those that were known before as well.
 */
export class DatagramLink {
  readonly #socket: Socket;
  readonly #upstream: Address;
  readonly #budget: Budget;
  /** By their addresses; who spoke last stands last. */
  readonly #flows = new Map<string, Known>();
  readonly #faults = new Set<DatagramFault>();
  readonly #sweep = setInterval(() => this.#forgetIdle(), sweepEveryMs).unref();
  #flowsSoFar = 0;
  #lastComplaint: string | undefined;

  /** @throws RefusedListen when the address is not one, or cannot be listened on */
  static async open(
    request: { listen: string; upstream: string },
    budget: Budget,
  ): Promise<{ link: DatagramLink; bound: string }> {
    const listen = addressOf(request.listen, 'listen');
    const upstream = addressOf(request.upstream, 'upstream');
    const socket = await bind(listen).catch((error: NodeJS.ErrnoException) => {
      throw refusal(request.listen, error);
    });
    const { address: host, port } = socket.address();
    return { link: new DatagramLink(socket, upstream, budget), bound: formatAddress({ host, port }) };
  }

  private constructor(socket: Socket, upstream: Address, budget: Budget) {
    this.#socket = socket;
    this.#upstream = upstream;
    this.#budget = budget;
    socket.on('message', (datagram, client) => this.#take(datagram, client));
    socket.on('error', (error) => console.error(`a link with protocol udp: ${error.message}`));
  }

  add(fault: DatagramFault): void {
    this.#faults.add(fault);
    for (const { flow } of this.#flows.values()) flow.guard(() => flow.join(fault));
  }

  remove(fault: DatagramFault): void {
    this.#faults.delete(fault);
    for (const { flow } of this.#flows.values()) flow.guard(() => flow.leave(fault));
  }

  /** What waits goes on at once. */
  close(): void {
    clearInterval(this.#sweep);
    for (const { flow } of this.#flows.values()) flow.end();
    this.#flows.clear();
    this.#socket.close();
  }

  #take(datagram: Buffer, client: RemoteInfo): void {
    const key = `${client.address} ${client.port}`;
    const known = this.#flows.get(key) ?? { flow: this.#begin(key, client), lastMs: 0 };
    this.#spoke(key, known);
    known.flow.guard(() => known.flow.take(datagram));
  }

  #spoke(key: string, known: Known): void {
    known.lastMs = nowMs();
    this.#flows.delete(key);
    this.#flows.set(key, known);
  }

  #begin(key: string, { address, port }: RemoteInfo): Flow {
    const [eldest] = this.#flows.keys();
    if (this.#flows.size >= mostFlows) this.#forget(eldest!);
    this.#flowsSoFar += 1;
    const flow: Flow = new Flow({
      number: this.#flowsSoFar,
      upstream: this.#upstream,
      budget: this.#budget,
      answer: (datagram) => {
        const known = this.#flows.get(key);
        if (known?.flow !== flow) return;
        this.#spoke(key, known);
        this.#socket.send(datagram, port, address);
      },
      onEnd: (why) => {
        this.#complain(why);
        if (this.#flows.get(key)?.flow === flow) this.#forget(key);
        else flow.close();
      },
    });
    for (const fault of this.#faults) flow.join(fault);
    return flow;
  }

  /** Once: every datagram of every client may end the same way. */
  #complain(why: string | undefined): void {
    if (why === undefined || why === this.#lastComplaint) return;
    this.#lastComplaint = why;
    console.error(`what clients send is lost: ${why}`);
  }

  #forget(key: string): void {
    this.#flows.get(key)?.flow.close();
    this.#flows.delete(key);
  }

  #forgetIdle(): void {
    const now = nowMs();
    for (const [key, { flow, lastMs }] of this.#flows) {
      if (now - lastMs < idleMs) return;
      if (flow.heldBytes === 0) this.#forget(key);
    }
  }
}

async function bind({ host, port }: Address): Promise<Socket> {
  const { address } = await lookup(host);
  const socket = socketFor(address);
  try {
    const listening = once(socket, 'listening');
    socket.bind(port, address);
    await listening;
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
