import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Address } from '../proxy/links/address.ts';
import type { Judge } from './judge.ts';

/** A nameserver that has not answered by then will not: resolvers ask again after five seconds. */
const patienceMs = 15_000;
/** Each client that waits costs a socket. */
const mostClients = 4096;

/**
 * Carries datagrams to a nameserver and back, as they are. Each client has a socket of its own towards the nameserver,
 * so that an answer needs not be understood to be given to whom it is for.
 */
export class UdpRelay {
  readonly #socket: Socket;
  readonly #upstream: Address;
  readonly #judge: Judge;
  readonly #clients = new Map<string, Client>();

  private constructor(socket: Socket, upstream: Address, judge: Judge) {
    this.#socket = socket;
    this.#upstream = upstream;
    this.#judge = judge;
    socket.on('error', () => undefined); // of one datagram
    socket.on('message', (message, from) => void this.#take(message, from));
  }

  /** @throws when the address cannot be listened on */
  static async open(listen: Address, upstream: Address, judge: Judge): Promise<UdpRelay> {
    const socket = createSocket(familyOf(listen.host));
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address: listen.host, port: listen.port, exclusive: true }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    return new UdpRelay(socket, upstream, judge);
  }

  close(): void {
    this.#socket.close();
    for (const client of this.#clients.values()) client.end();
  }

  async #take(message: Buffer, { address, port }: RemoteInfo): Promise<void> {
    const verdict = await this.#judge(message);
    if (verdict === 'silence') return;
    if (verdict === 'forward') this.#forward(message, address, port);
    else this.#reply(verdict, address, port);
  }

  #forward(message: Buffer, address: string, port: number): void {
    const key = `${address} ${port}`;
    let client = this.#clients.get(key);
    if (!client) {
      if (this.#clients.size >= mostClients) return;
      client = new Client(this.#upstream, {
        onAnswer: (answer) => this.#reply(answer, address, port),
        onEnd: () => this.#clients.delete(key),
      });
      this.#clients.set(key, client);
    }
    client.ask(message);
  }

  #reply(answer: Buffer, address: string, port: number): void {
    try {
      this.#socket.send(answer, port, address);
    } catch {
      // closed meanwhile
    }
  }
}

/** The way of one client to the nameserver, for as long as it waits for answers. */
class Client {
  readonly #socket: Socket;
  readonly #onEnd: () => void;
  readonly #waiting: Buffer[] = [];
  #isConnected = false;
  #isOver = false;
  #unanswered = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ host, port }: Address, { onAnswer, onEnd }: { onAnswer(answer: Buffer): void; onEnd(): void }) {
    this.#onEnd = onEnd;
    this.#socket = createSocket(familyOf(host));
    this.#socket.on('error', () => this.end()); // nobody listens there
    this.#socket.on('message', (answer) => {
      onAnswer(answer);
      this.#unanswered -= 1;
      if (this.#unanswered <= 0) this.end();
    });
    // Connected, it hears nobody but the nameserver.
    this.#socket.connect(port, host, () => {
      this.#isConnected = true;
      for (const message of this.#waiting.splice(0)) this.#socket.send(message);
    });
  }

  ask(message: Buffer): void {
    this.#unanswered += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), patienceMs);
    if (this.#isConnected) this.#socket.send(message);
    else this.#waiting.push(message);
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#socket.close();
    this.#onEnd();
  }
}

const familyOf = (host: string): 'udp4' | 'udp6' => (isIPv6(host) ? 'udp6' : 'udp4');
