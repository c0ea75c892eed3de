import { createServer, type Server } from 'node:net';
import type { StreamLinkRequest } from '../control/message.ts';
import type { LinkFault } from '../faults/fault.ts';
import type { Http2Relay } from '../protocols/http2/relay.ts';
import { nowMs } from '../time/now.ts';
import { type Accepted, onAccepted } from './accept.ts';
import { type Endpoint, formatEndpoint } from './address.ts';
import type { Budget } from './budget.ts';
import { Connection } from './connection.ts';
import { endpointOf, refusal } from './listen.ts';
import { give, madeWithMode, rightsBefore } from './socket-rights.ts';
import { type LinkTraffic, noTraffic } from './traffic.ts';

/** Bytes pass from one fault to the next by calls within calls: of many more, the stack overflows. */
export const mostFaults = 1000;

/** A port that is carried to another. Faults in force work on every connection, those that existed before as well. */
export class Link {
  readonly protocol: StreamLinkRequest['protocol'];
  #server = newServer();
  /** Where it listens. */
  #address: Endpoint | undefined;
  /** So many faults have closed the port. */
  #closers = 0;
  /** Fulfilled when the last of them has. */
  #closing: Promise<void> = Promise.resolve();
  readonly #upstream: Endpoint;
  readonly #budget: Budget;
  /** Where connections that speak HTTP/2 end before the upstream server, on links with that protocol. */
  readonly #relay: Http2Relay | undefined;
  readonly #connections = new Set<Connection>();
  readonly #faults = new Set<LinkFault>();
  readonly #traffic: LinkTraffic;

  /** @throws RefusedListen when the address is not one, or cannot be listened on */
  static async open(
    request: StreamLinkRequest,
    budget: Budget,
    traffic = noTraffic(),
  ): Promise<{ link: Link; bound: string }> {
    const listen = endpointOf(request.listen, 'listen');
    const upstream = endpointOf(request.upstream, 'upstream');
    const relay = request.protocol === 'http2' ? await relayTo(upstream) : undefined;
    const link = new Link(upstream, request.protocol, { budget, traffic, relay });
    await link.#listen(listen, request.listen).catch((error: unknown) => {
      relay?.close();
      throw error;
    });
    return { link, bound: formatEndpoint(link.#bound()) };
  }

  private constructor(
    upstream: Endpoint,
    protocol: StreamLinkRequest['protocol'],
    { budget, traffic, relay }: { budget: Budget; traffic: LinkTraffic; relay: Http2Relay | undefined },
  ) {
    this.#relay = relay;
    this.protocol = protocol;
    this.#upstream = upstream;
    this.#budget = budget;
    this.#traffic = traffic;
  }

  add(fault: LinkFault): void {
    this.#faults.add(fault);
    if (fault.streams) this.#relay?.watch(fault.streams);
    for (const connection of this.#connections) {
      connection.guard(() => connection.join(fault));
      if (connection.isOtherThanHttp2) fault.streams?.lost();
    }
  }

  remove(fault: LinkFault): void {
    this.#faults.delete(fault);
    if (fault.streams) this.#relay?.leave(fault.streams);
    for (const connection of this.#connections) connection.guard(() => connection.leave(fault));
  }

  /** The fault has other settings now: every connection is told. */
  changed(fault: LinkFault): void {
    for (const connection of this.#connections) connection.guard(() => connection.changed(fault));
  }

  /** When this is fulfilled nobody can connect any more; connections that existed when it was called go on. */
  closePort(): Promise<void> {
    this.#closers += 1;
    this.#closing = this.#acceptThoseWhoWait().then(() => void this.#server.close());
    return this.#closing;
  }

  /** Undoes one {@link closePort}. @throws RefusedListen when somebody else has taken the port */
  async reopenPort(): Promise<void> {
    await this.#closing;
    if (this.#closers === 1) {
      this.#server = newServer();
      await this.#listen(this.#address!, formatEndpoint(this.#address!));
    }
    this.#closers -= 1;
  }

  get openConnections(): number {
    return this.#connections.size;
  }

  /** What has come still goes on; then both sides of each connection see the end. */
  close(): void {
    this.#server.close();
    for (const connection of this.#connections) connection.end();
    this.#relay?.close();
  }

  /** As when a server goes down: what waits in faults is lost. */
  cut(): void {
    this.#server.close();
    for (const connection of this.#connections) connection.close();
    this.#relay?.close();
  }

  async #listen(where: Endpoint, asWritten: string): Promise<void> {
    const rights = 'path' in where ? rightsBefore(this.#upstream) : undefined;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(refusal(asWritten, error)));
      madeWithMode(rights?.mode, () => this.#server.listen({ ...where, backlog: backlogOfKernel }, resolve));
    });
    this.#server.removeAllListeners('error');
    if ('path' in where && rights?.owner) give(where.path, rights.owner);
    onAccepted(this.#server, (accepted) => this.#accept(accepted));
    // Accepting can fail for a while, when descriptors run out: that is the new client's loss, not the others'.
    this.#server.on('error', (error) =>
      console.error(`a connection to ${asWritten} could not be accepted: ${error.message}`),
    );
  }

  #bound(): Endpoint {
    const address = this.#server.address();
    if (address === null) throw new Error('a server listens without an address');
    this.#address = typeof address === 'string' ? { path: address } : { host: address.address, port: address.port };
    return this.#address;
  }

  /**
   * The kernel has connected them, and would reset them if the port was closed now. Node accepts one in each turn, so a
   * turn in which none was accepted has left none; only who comes between that and the closing is reset.
   */
  async #acceptThoseWhoWait(): Promise<void> {
    const latestMs = nowMs() + mostOfClosingMs;
    await aTurn(); // the rest of this one
    for (let before = -1; this.#traffic.connections > before && nowMs() < latestMs; await aTurn())
      before = this.#traffic.connections;
  }

  #accept(accepted: Accepted): void {
    this.#traffic.connections += 1;
    const connection: Connection = new Connection(accepted, this.#upstream, {
      number: this.#traffic.connections,
      protocol: this.protocol,
      budget: this.#budget,
      traffic: this.#traffic,
      relay: this.#relay?.endpoint,
      onOtherThanHttp2: () => {
        for (const { streams } of this.#faults) streams?.lost();
      },
      onClosed: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
    for (const fault of this.#faults) connection.guard(() => connection.join(fault));
  }
}

/** Where somebody new comes in every turn the port must close all the same; by then those who waited first are accepted. */
const mostOfClosingMs = 250;
const aTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const newServer = (): Server => createServer({ allowHalfOpen: true, noDelay: true });

/** Links of other protocols start without it. */
async function relayTo(upstream: Endpoint) {
  const { Http2Relay } = await import('../protocols/http2/relay.ts');
  return Http2Relay.open(upstream);
}

/** As much as `net.core.somaxconn` allows: a thousand clients may come at once, and who finds no place waits a second. */
const backlogOfKernel = 65_535;
