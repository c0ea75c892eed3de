import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { connect as dial } from 'node:net';
import type { Address, Endpoint } from '../../links/address.ts';
import { answerStream, carryStream, failStream } from './stream.ts';
import type { StreamExchange, StreamWatcher } from './watch.ts';

/** What a stream or a session may have on its way before its sender waits; what is not read holds up the other side. */
const windowBytes = 256 * 1024;

/**
 * Ends HTTP/2 on both sides of a link, since the state of its header compression leaves no other way to change a stream:
 *
 *     client ◀─ session ─▶ relay ◀─ session ─▶ server
 *
 * Each connection of a client has one of its own to the server, and each of its streams one there. Names, values and
 * bodies pass as they are; numbers of streams, sizes of frames, windows, pings and settings are those of each side.
 */
export class Http2Relay {
  readonly #server: Http2Server;
  readonly #upstream: Endpoint;
  readonly #watchers = new Set<StreamWatcher>();
  readonly #sessions = new Set<ServerHttp2Session>();

  /** Listens on a port of the loopback interface that the link leads to. */
  static async open(upstream: Endpoint): Promise<{ relay: Http2Relay; address: Address }> {
    const relay = new Http2Relay(upstream);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    const address = relay.#server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server listens without an address');
    return { relay, address: { host: '127.0.0.1', port: address.port } };
  }

  private constructor(upstream: Endpoint) {
    this.#upstream = upstream;
    this.#server = createServer({ settings: { initialWindowSize: windowBytes } });
    this.#server.on('session', (session) => this.#begin(session));
    this.#server.on('sessionError', () => {}); // that session's own loss
  }

  watch(watcher: StreamWatcher): void {
    this.#watchers.add(watcher);
  }

  leave(watcher: StreamWatcher): void {
    this.#watchers.delete(watcher);
    watcher.left?.();
  }

  close(): void {
    this.#server.close();
    for (const session of this.#sessions) session.destroy();
  }

  #begin(down: ServerHttp2Session): void {
    const up = connect('http://upstream', {
      settings: { initialWindowSize: windowBytes, enablePush: false },
      createConnection: () => dial({ ...this.#upstream, noDelay: true }),
    });
    this.#sessions.add(down);
    down.setLocalWindowSize(windowBytes);
    up.once('connect', () => up.setLocalWindowSize(windowBytes));
    for (const session of [up, down]) session.on('error', () => {}); // both end below
    up.once('close', () => down.destroy());
    up.on('goaway', () => down.close());
    down.once('close', () => {
      this.#sessions.delete(down);
      up.close();
    });
    down.on('stream', (stream, headers, flags) =>
      this.#stream(stream, headers, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0, up),
    );
  }

  #stream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, isWhole: boolean, up: ClientHttp2Session): void {
    stream.on('error', () => {}); // its close says what has to be known
    const exchange = exchangeOf(headers);
    try {
      for (const watcher of this.#watchers) watcher.asked(exchange);
      const { failure, holds } = exchange;
      if (failure?.kind === 'answer') answerStream(stream, failure);
      else if (failure && failure.kind !== 'cut') failStream(stream, failure);
      else carryStream(stream, headers, { up, isWhole, holds, cut: failure });
    } catch (defect) {
      console.error('a defect of the fault proxy broke one stream, which was reset; the others go on:', defect);
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    }
  }
}

function exchangeOf(headers: IncomingHttpHeaders & Record<string, string | string[] | undefined>): StreamExchange {
  const fields = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined || name.startsWith(':') ? [] : [[name, [value].flat().join(', ')]],
  );
  const request = { method: String(headers[':method']), target: String(headers[':path'] ?? ''), minorVersion: 1 };
  return { request, fields: new Map(fields), failure: undefined, holds: [] };
}
