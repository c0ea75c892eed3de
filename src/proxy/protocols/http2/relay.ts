import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  type Http2Session,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import type { Endpoint } from '../../links/address.ts';
import { answerStream, carryStream, failStream, type Opened, orReset } from './stream.ts';
import type { StreamExchange, StreamWatcher } from './watch.ts';

/** What a stream or a session may have on its way before its sender waits; what is not read holds up the other side. */
const windowBytes = 256 * 1024;
/** Heads of more fields would be refused, and larger ones end the session, which is not for us to do. */
const likeAnother = { maxHeaderListPairs: 8192, maxSendHeaderBlockLength: 16 * 1024 * 1024 };
/** How long a client waits for the settings of a server that says nothing; then its session begins with ours alone. */
const patienceMs = 1000;

/**
 * Ends HTTP/2 on both sides of a link, since the state of its header compression leaves no other way to change a stream:
 *
 *     client ◀─ session ─▶ relay ◀─ session ─▶ server
 *
 * Each connection of a client has one of its own to the server, and each of its streams one there. Names, values and
 * bodies pass as they are, and so do the settings that say what a client may ask; numbers of streams, sizes of frames,
 * windows and pings are those of each side.
 */
export class Http2Relay {
  /** Where the link leads to: an abstract socket, which needs neither a port nor a file. */
  readonly endpoint: Endpoint = { path: `\0chaos-http2-${randomUUID()}` };
  readonly #server: Server;
  readonly #upstream: Endpoint;
  readonly #watchers = new Set<StreamWatcher>();
  readonly #sessions = new Set<Http2Session>();

  static async open(upstream: Endpoint): Promise<Http2Relay> {
    const relay = new Http2Relay(upstream);
    relay.#server.listen(relay.endpoint);
    await once(relay.#server, 'listening');
    return relay;
  }

  private constructor(upstream: Endpoint) {
    this.#upstream = upstream;
    this.#server = createServer((client) => this.#accept(client));
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

  /** Some clients believe only the first settings that they get: so the server's are waited for. */
  #accept(client: Socket): void {
    const up = connect('http://upstream', {
      ...likeAnother,
      settings: { initialWindowSize: windowBytes, enablePush: false },
      createConnection: () => dial({ ...this.#upstream, noDelay: true }),
    });
    this.#follow(up);
    client.on('error', () => {}); // its close says what has to be known
    client.once('close', () => up.close());
    up.once('connect', () => up.setLocalWindowSize(windowBytes));
    let down: ServerHttp2Session | undefined;
    const begin = (settings: Settings) => {
      clearTimeout(timer);
      if (down?.destroyed || client.destroyed) return;
      if (down) down.settings(settings);
      else down = this.#begin(client, up, settings);
    };
    const timer = setTimeout(begin, patienceMs, {});
    up.on('remoteSettings', (settings) => begin(forClients(settings)));
    up.once('close', () => {
      clearTimeout(timer);
      if (down)
        down.close(); // what it had answered is still on its way to the client
      else client.destroy();
    });
  }

  #begin(client: Socket, up: ClientHttp2Session, settings: Settings): ServerHttp2Session {
    const down = performServerHandshake(client, {
      ...likeAnother,
      settings: { ...settings, initialWindowSize: windowBytes },
    });
    this.#follow(down);
    down.setLocalWindowSize(windowBytes);
    up.on('goaway', (code, _last, data) => {
      if (down.destroyed) return;
      down.goaway(code, 0, data);
      down.close();
    });
    down.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, raw: string[]) => {
      const isWhole = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      this.#stream({ stream, headers, raw, isWhole }, up);
    });
    return down;
  }

  #follow(session: Http2Session): void {
    this.#sessions.add(session);
    session.on('error', () => {}); // its close says what has to be known
    session.once('close', () => this.#sessions.delete(session));
  }

  #stream(opened: Opened, up: ClientHttp2Session): void {
    const { stream } = opened;
    stream.on('error', () => {}); // its close says what has to be known
    const exchange = exchangeOf(opened.headers);
    orReset(stream, () => {
      for (const watcher of this.#watchers) watcher.asked(exchange);
      const { failure, obstacles } = exchange;
      if (failure?.kind === 'answer') answerStream(stream, failure, obstacles);
      else if (failure && failure.kind !== 'cut') failStream(stream, failure);
      else carryStream(opened, up, { obstacles, cut: failure });
    });
  }
}

/** What the server lets its clients ask, as far as it says so. */
const forClients = ({ enableConnectProtocol, maxConcurrentStreams = unlimited }: Settings): Settings => ({
  ...(enableConnectProtocol ? { enableConnectProtocol } : {}), // it must not be taken back
  ...(maxConcurrentStreams < unlimited ? { maxConcurrentStreams } : {}),
});
/** What Node tells of a number that was not given. */
const unlimited = 2 ** 32 - 1;

function exchangeOf(headers: IncomingHttpHeaders & Record<string, string | string[] | undefined>): StreamExchange {
  const fields = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined || name.startsWith(':') ? [] : [[name, [value].flat().join(', ')]],
  );
  // HTTP/2 carries the host there.
  const authority = headers[':authority'];
  if (authority !== undefined) fields.push(['host', authority]);
  const request = { method: String(headers[':method']), target: String(headers[':path'] ?? ''), minorVersion: 1 };
  return { request, fields: new Map(fields), failure: undefined, obstacles: { holds: [], atOnce: [], behindHead: [] } };
}
