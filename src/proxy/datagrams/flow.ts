import type { Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { Address } from '../links/address.ts';
import type { Budget } from '../links/budget.ts';
import { type DatagramFault, type DatagramStage, type JoinedFlow, type Way, ways } from './fault.ts';
import { socketFor } from './socket.ts';

/** So many may wait until it is known where the server is. */
const mostEarly = 64;

interface About {
  number: number;
  upstream: Address;
  budget: Budget;
  /** Sends to the client. */
  answer(datagram: Buffer): void;
  /** It cannot go on. @param why a server that has no address, say; a defect is told of already */
  onEnd(why?: string): void;
}

/**
 * What one client sends and gets through a link, by a socket of its own towards the server:
 *
 *     client ──▶ newest … oldest fault ──▶ server
 *     client ◀── newest … oldest fault ◀── server
 */
export class Flow implements JoinedFlow {
  readonly number: number;
  /** What waits in its faults. */
  heldBytes = 0;
  readonly #about: About;
  readonly #stages: Record<Way, Map<DatagramFault, DatagramStage>> = { upstream: new Map(), downstream: new Map() };
  #socket: Socket | undefined;
  #early: Buffer[] = [];
  #isConnected = false;
  #isOver = false;
  readonly #entries: Record<Way, (datagram: Buffer) => void>;

  constructor(about: About) {
    this.number = about.number;
    this.#about = about;
    this.#entries = { upstream: this.#toServer, downstream: about.answer };
    this.#connect().catch((error: Error) => about.onEnd(error.message));
  }

  join(fault: DatagramFault): void {
    const parts = fault.join(this);
    for (const way of ways) {
      const stage = parts[way];
      if (stage) this.#stages[way].set(fault, stage);
    }
    this.#string();
  }

  /** What it holds goes on at once. */
  leave(fault: DatagramFault): void {
    for (const way of ways) {
      const stage = this.#stages[way].get(fault);
      stage?.release();
      this.#stages[way].delete(fault);
    }
    this.#string();
  }

  /** From the client. */
  take(datagram: Buffer): void {
    this.#entries.upstream(datagram);
  }

  /** What waits goes on at once, then nothing does. */
  end(): void {
    for (const way of ways) for (const stage of this.#stages[way].values()) stage.release();
    this.close();
  }

  close(): void {
    this.#isOver = true;
    for (const way of ways) {
      for (const stage of this.#stages[way].values()) stage.drop();
      this.#stages[way].clear();
    }
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** A defect of ours in this flow ends this flow. */
  readonly guard = (work: () => void): void => {
    try {
      work();
    } catch (defect) {
      console.error('a defect of the fault proxy ended what one client sends; the others go on:', defect);
      this.#about.onEnd();
    }
  };

  mayHold(bytes: number): boolean {
    return !this.#about.budget.isExceeded(bytes, 0);
  }

  held(bytes: number): void {
    this.heldBytes += bytes;
    this.#about.budget.changed(bytes);
  }

  readonly #toServer = (datagram: Buffer): void => {
    if (this.#isConnected) this.#socket?.send(datagram);
    else if (this.#early.length < mostEarly) this.#early.push(datagram);
  };

  async #connect(): Promise<void> {
    const { host, port } = this.#about.upstream;
    const { address } = await lookup(host);
    if (this.#isOver) return;
    const socket = socketFor(address);
    this.#socket = socket;
    // A server that is not there is told of by ICMP: to us, the client cannot be told.
    socket.on('error', () => {});
    socket.on('message', (datagram) => this.guard(() => this.#entries.downstream(datagram)));
    socket.connect(port, address, () => {
      for (const datagram of this.#early.splice(0)) socket.send(datagram);
      this.#isConnected = true;
    });
  }

  /** Tells each stage where it passes on to. */
  #string(): void {
    for (const way of ways) {
      let next = way === 'upstream' ? this.#toServer : this.#about.answer;
      const oldestFirst = [...this.#stages[way].values()];
      for (const stage of way === 'upstream' ? oldestFirst : oldestFirst.reverse()) {
        stage.next = next;
        next = (datagram) => stage.take(datagram);
      }
      this.#entries[way] = next;
    }
  }
}
