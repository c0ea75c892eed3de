import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Address } from '../proxy/links/address.ts';
import type { Judge } from './judge.ts';
import { Frames, framed } from './message/frames.ts';

/** Of one client; what it sends beyond that stays in its socket. */
const mostBeingJudged = 1000;

/** Carries messages over TCP to a nameserver and back, as they are, each connection over one of its own. */
export class TcpRelay {
  readonly #server: Server;
  readonly #clients = new Set<Socket>();

  private constructor(server: Server, upstream: Address, judge: Judge) {
    this.#server = server;
    server.on('error', () => undefined); // of one connection that could not be accepted
    server.on('connection', (client) => {
      this.#clients.add(client);
      client.once('close', () => this.#clients.delete(client));
      carry(client, upstream, judge);
    });
  }

  /** @throws when the address cannot be listened on */
  static async open(listen: Address, upstream: Address, judge: Judge): Promise<TcpRelay> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ ...listen, exclusive: true }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return new TcpRelay(server, upstream, judge);
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  close(): void {
    this.#server.close();
    for (const client of this.#clients) client.destroy();
  }
}

/** One connection. Answers of ours and of the nameserver take turns on it, each whole. */
function carry(client: Socket, upstream: Address, judge: Judge): void {
  const questions = new Frames();
  let server: Socket | undefined;
  let beingJudged = 0;
  let hasEnded = false;

  const dialled = (): Socket => {
    server ??= dial(client, upstream);
    return server;
  };
  const endWhenDone = () => {
    if (!hasEnded || beingJudged > 0) return;
    if (questions.rest.length > 0) dialled().write(questions.rest);
    if (server) server.end();
    else client.end();
  };
  const take = async (message: Buffer) => {
    beingJudged += 1;
    if (beingJudged >= mostBeingJudged) client.pause();
    const verdict = await judge(message);
    beingJudged -= 1;
    if (beingJudged < mostBeingJudged) client.resume();
    if (client.destroyed) return;
    if (verdict === 'forward') dialled().write(framed(message));
    else if (verdict !== 'silence') client.write(framed(verdict));
    endWhenDone();
  };
  client.on('data', (bytes) => {
    for (const message of questions.take(bytes)) void take(message);
  });
  client.on('end', () => {
    hasEnded = true;
    endWhenDone();
  });
  client.on('error', () => undefined); // 'close' follows
  client.on('close', () => server?.destroy());
}

function dial(client: Socket, upstream: Address): Socket {
  const answers = new Frames();
  const server = connect({ ...upstream, noDelay: true });
  server.on('data', (bytes) => {
    for (const message of answers.take(bytes)) client.write(framed(message));
    if (client.writableNeedDrain) server.pause();
  });
  client.on('drain', () => server.resume());
  server.on('end', () => client.end(answers.rest));
  server.on('error', () => client.resetAndDestroy());
  return server;
}
