import { connect, type Socket } from 'node:net';
import { InstrumentGone, type ProxyCounters } from '../model/fault.ts';
import type { ProxyFault } from '../model/operation.ts';
import { readLines, writeLine } from './control/lines.ts';
import type { Answer, DnsLinkRequest, Done, LinkRequest, RequestBody } from './control/message.ts';

/** The hold on a running proxy. Every method rejects with {@link ProxyGone}, or with one line that says what was refused. */
export interface ProxyControl {
  /** @returns the bound address, `host:port` (`[host]:port` for IPv6): of use when port 0 was asked for */
  listen(link: LinkRequest | DnsLinkRequest): Promise<string>;
  /** In force when this resolves, on connections that exist as well. An id is used once on a link. */
  add(proxy: string, fault: ProxyFault): Promise<void>;
  /** What the fault holds goes on at once. Doing it twice is harmless. @returns what it did in all */
  remove(proxy: string, faultId: string): Promise<ProxyCounters>;
  /** @returns what it did so far; `inForce` is 1, or 0 when the proxy knows it no more */
  counters(proxy: string, faultId: string): Promise<ProxyCounters>;
  /** Lets go of the proxy, which goes on. It ends with its stdin. */
  close(): void;
}

/** There is no proxy: it ended, and with it every fault it did. */
export class ProxyGone extends InstrumentGone {
  override readonly name = 'ProxyGone';
}

/**
 * Connects to the proxy that listens on this unix socket; any process of the same user may.
 * @param timeoutMs how long each answer may take
 * @throws ProxyGone when nobody listens there
 */
export async function connectProxy(socketPath: string, timeoutMs = 5000): Promise<ProxyControl> {
  const socket = await dial(socketPath, timeoutMs);
  const exchange = new Exchange(socket, timeoutMs);
  return {
    listen: async (link) => (await exchange.ask({ do: 'listen', ...link })) as string,
    add: async (proxy, fault) => void (await exchange.ask({ do: 'add', proxy, fault })),
    remove: async (proxy, faultId) => (await exchange.ask({ do: 'remove', proxy, faultId })) as ProxyCounters,
    counters: async (proxy, faultId) => (await exchange.ask({ do: 'counters', proxy, faultId })) as ProxyCounters,
    close: () => socket.destroy(),
  };
}

function dial(socketPath: string, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the fault proxy did not accept a connection on ${socketPath} within ${timeoutMs} ms`));
    }, timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const isGone = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
      reject(isGone ? new ProxyGone(`no fault proxy listens on ${socketPath}`) : error);
    });
  });
}

/** Requests and their answers on one control connection. */
class Exchange {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  readonly #waiting = new Map<number, { resolve(done: Done): void; reject(error: Error): void }>();
  #lastId = 0;
  #isOver = false;

  constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.#end());
    readLines(socket, (line) => this.#settle(JSON.parse(line) as Answer));
  }

  ask(body: RequestBody): Promise<Done> {
    if (this.#isOver) return Promise.reject(new ProxyGone('the connection to the fault proxy is closed'));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise<Done>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`the fault proxy did not answer "${body.do}" within ${this.#timeoutMs} ms`));
      }, this.#timeoutMs);
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          settle(value);
        };
      this.#waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
      writeLine(this.#socket, { id, ...body });
    });
  }

  #settle(answer: Answer): void {
    if (answer.id === null) return; // we send no line that could not be read
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.done);
  }

  #end(): void {
    this.#isOver = true;
    for (const { reject } of this.#waiting.values()) reject(new ProxyGone('the fault proxy ended before it answered'));
    this.#waiting.clear();
  }
}
