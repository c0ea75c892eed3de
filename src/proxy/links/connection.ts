import { Socket, type SocketConstructorOpts } from 'node:net';
import type { StreamProtocolName } from '../../model/protocol.ts';
import type { JoinedConnection, LinkFault, Parts } from '../faults/fault.ts';
import type { Conversation, Moment } from '../protocols/conversation.ts';
import { Exchanges } from '../protocols/http/exchanges.ts';
import { PrefaceGate } from '../protocols/http2/preface-gate.ts';
import { protocols } from '../protocols/registry.ts';
import { ErrorGate } from '../protocols/statements/error-gate.ts';
import { Failures } from '../protocols/statements/failures.ts';
import { StatementGate } from '../protocols/statements/statement-gate.ts';
import { nowMs } from '../time/now.ts';
import type { Accepted } from './accept.ts';
import type { Endpoint } from './address.ts';
import type { Budget } from './budget.ts';
import { Direction } from './direction.ts';
import { Intake } from './intake.ts';
import { HearServer } from './listening-in.ts';
import { finish, reset } from './socket-sink.ts';
import type { LinkTraffic } from './traffic.ts';

/**
 * One connection through a link:
 *
 *     client ──▶ [faults on the wire] [faults near the server] [conversation or exchanges] ──▶ server
 *     client ◀── [faults on the wire] [faults near the server] [conversation or exchanges] ◀── server
 *
 * Each direction ends by itself (FIN); a reset on one side becomes a reset on the other, after the bytes before it.
 */
export class Connection implements JoinedConnection {
  readonly number: number;
  readonly acceptedMs = nowMs();
  readonly conversation: Conversation | undefined;
  readonly statements: StatementGate | undefined;
  readonly exchanges: Exchanges | undefined;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #upstream: Direction;
  readonly #downstream: Direction;
  readonly #parts = new Map<LinkFault, Parts>();
  #isOtherThanHttp2 = false;

  /**
   * @param about.relay where connections that speak HTTP/2 go instead, on links with that protocol
   * @param about.onOtherThanHttp2 called when it turns out that this one does not
   */
  constructor(
    accepted: Accepted,
    upstream: Endpoint,
    about: {
      number: number;
      protocol: StreamProtocolName;
      budget: Budget;
      traffic: LinkTraffic;
      relay: Endpoint | undefined;
      onOtherThanHttp2(): void;
      onClosed(): void;
    },
  ) {
    this.number = about.number;
    this.conversation = protocols[about.protocol]();
    const [fromClient, fromServer] = [new Intake(this.#contain), new Intake(this.#contain)];
    const client = accepted(fromClient.onread);
    this.#client = client;
    const options = { allowHalfOpen: true, onread: fromServer.onread };
    this.#server = new Socket(options as SocketConstructorOpts).setNoDelay(true);
    // Dialled while the client may already send: what it sends waits in the socket.
    if (!about.relay) this.#server.connect(upstream);
    const { budget, traffic } = about;
    const onClose = () => this.close();
    this.#upstream = new Direction(client, this.#server, {
      serverIs: 'sink',
      budget,
      traffic: traffic.upstream,
      onClose,
    });
    this.#downstream = new Direction(this.#server, client, {
      serverIs: 'source',
      budget,
      traffic: traffic.downstream,
      onClose,
    });
    if (this.conversation) this.statements = this.#listenIn(this.conversation);
    if (about.relay) this.#dialOnceItSpeaks({ relay: about.relay, upstream }, about.onOtherThanHttp2);
    if (about.protocol === 'http') this.exchanges = this.#followExchanges(about.budget);
    fromClient.carryTo(this.#upstream, client);
    fromServer.carryTo(this.#downstream, this.#server);
    this.#carryEnd(client, this.#upstream, this.#downstream);
    this.#carryEnd(this.#server, this.#downstream, this.#upstream);
    const onEnd = () => {
      if (!client.destroyed || !this.#server.destroyed) return;
      this.#depart();
      about.onClosed();
    };
    client.once('close', onEnd);
    this.#server.once('close', onEnd);
  }

  join(fault: LinkFault): void {
    const parts = fault.join(this);
    this.#parts.set(fault, parts);
    if (parts.upstream) this.#upstream.insert(parts.upstream, parts.near);
    if (parts.downstream) this.#downstream.insert(parts.downstream, parts.near);
  }

  /** What the fault holds goes on at once. */
  leave(fault: LinkFault): void {
    const parts = this.#parts.get(fault);
    this.#parts.delete(fault);
    if (!parts) return;
    parts.leave?.();
    this.#takeOut(parts);
  }

  /** The fault has other settings now. */
  changed(fault: LinkFault): void {
    this.#parts.get(fault)?.changed?.();
    this.#upstream.regulate();
    this.#downstream.regulate();
  }

  /** Ends it now: what has come is sent, then both sides see the end. */
  end(): void {
    const all = [...this.#parts.values()];
    this.#parts.clear();
    for (const parts of all) this.#takeOut(parts);
    for (const { leave } of all) leave?.(); // not before all that waited has gone on: that may end the connection
    this.close();
  }

  close(): void {
    this.#upstream.abandon();
    this.#downstream.abandon();
    finish(this.#client);
    finish(this.#server);
  }

  /** On a link with protocol http2: it passes as on any other. */
  get isOtherThanHttp2(): boolean {
    return this.#isOtherThanHttp2;
  }

  /** What let go by itself may have made room, even if nobody got it. */
  readonly guard = (work: () => void): void => {
    this.#contain(work);
    this.#upstream.regulate();
    this.#downstream.regulate();
  };

  /** A defect of ours in this connection ends this connection. */
  readonly #contain = (work: () => void): void => {
    try {
      work();
    } catch (defect) {
      console.error('a defect of the fault proxy broke one connection, which was reset; the others go on:', defect);
      this.break();
    }
  };

  break(): void {
    this.#upstream.abandon();
    this.#downstream.abandon();
    reset(this.#client);
    reset(this.#server);
  }

  /** It is over: faults need no timer for it any more, and nothing waits. */
  #depart(): void {
    this.#upstream.abandon();
    this.#downstream.abandon();
    for (const { leave } of this.#parts.values()) leave?.();
    this.#parts.clear();
  }

  #takeOut({ upstream, downstream }: Parts): void {
    if (upstream) this.#upstream.remove(upstream);
    if (downstream) this.#downstream.remove(downstream);
  }

  #carryEnd(from: Socket, onward: Direction, backward: Direction): void {
    from.on('end', () => unlessReset(from, () => this.guard(() => onward.take({ kind: 'end' }))));
    from.on('error', () =>
      this.guard(() => {
        backward.abandon(); // there is nobody left who could receive it
        onward.take({ kind: 'reset' });
      }),
    );
  }

  #dialOnceItSpeaks({ relay, upstream }: { relay: Endpoint; upstream: Endpoint }, onOtherThanHttp2: () => void): void {
    const gate = new PrefaceGate((spoken) => {
      if (!this.#server.destroyed) this.#server.connect(spoken === 'http2' ? relay : upstream);
      if (spoken === 'something-else') {
        this.#isOtherThanHttp2 = true;
        onOtherThanHttp2();
      }
      this.#upstream.remove(gate);
    });
    this.#upstream.insert(gate, 'conversation');
  }

  #listenIn(conversation: Conversation): StatementGate {
    const moment = (): Moment => {
      const ms = nowMs();
      return { ms, serverMs: ms - this.#downstream.pausedMs() };
    };
    const failures = new Failures();
    const errors = new ErrorGate(conversation, failures);
    const statements = new StatementGate(conversation, moment, failures, errors);
    this.#upstream.insert(statements, 'conversation');
    this.#downstream.insert(errors, 'conversation');
    this.#downstream.insert(new HearServer(conversation, moment), 'conversation');
    return statements;
  }

  #followExchanges(budget: Budget): Exchanges {
    const exchanges = new Exchanges({
      isClogged: () => !this.#client.destroyed && budget.isExceeded(0, this.#client.writableLength),
      onReleased: () => this.#upstream.regulate(),
    });
    this.#upstream.insert(exchanges.requests, 'conversation');
    this.#downstream.insert(exchanges.answers, 'conversation');
    this.#client.on('drain', () => this.guard(() => exchanges.goOn()));
    return exchanges;
  }
}

/**
 * libuv reports bytes and a reset that come together as bytes and an end. Writing nothing sends nothing, and fails after
 * a reset, which then is reported by `error`.
 */
function unlessReset(socket: Socket, isEnd: () => void): void {
  if (!socket.writable || socket.writableLength > 0) isEnd();
  else
    socket.write(nothing, (error) => {
      if (!error) isEnd();
    });
}

const nothing = Buffer.alloc(0);
