import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { freePort } from '../proxy/support/server.ts';
import { GameDay } from './support/game-day.ts';

const server = createServer((_, answer) => answer.end('hello'));
let serverPort = 0;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  serverPort = (server.address() as { port: number }).port;
});
afterAll(() => {
  server.close();
});

const scenario = (linkPort: number, time: string): string => `version: 1
name: HTTP/2
targets:
  link: { proxy: { listen: "127.0.0.1:${linkPort}", upstream: "127.0.0.1:${serverPort}", protocol: http2 } }
timeline:
  - { id: harm, inject: api-failure, target: link, with: { rate: 100%, grpc: UNAVAILABLE }, for: ${time} }
  - pause: 3s
`;

/** Asks once, on a connection of its own. @returns the status of gRPC in the answer */
async function grpcStatus(port: number): Promise<string | string[] | undefined> {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    const [headers] = await Promise.race([
      once(session.request({ ':path': '/shop.Stock/Count' }), 'response'),
      once(session, 'close').then(() => Promise.reject(new Error('the connection closed'))),
    ]);
    return headers['grpc-status'];
  } finally {
    session.destroy();
  }
}

describe.concurrent('calls on a link with HTTP/2', { timeout: 60_000 }, () => {
  it('fail while the fault is in force, and not afterwards', async ({ expect }) => {
    const port = await freePort();
    const day = new GameDay(scenario(port, '3s'));
    await day.until('injection-in-force');
    expect(await grpcStatus(port)).toBe('14');
    await day.until('injection-undone');
    expect(await grpcStatus(port)).toBeUndefined();
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]).toMatchObject({
      gone: true,
      effect: { seen: 'seen', figures: { requests: 1, failedRequests: 1 } },
    });
  });

  it('fail no more when the runner is killed', async ({ expect }) => {
    const port = await freePort();
    const day = new GameDay(scenario(port, '60s'));
    await day.until('injection-in-force');
    expect(await grpcStatus(port)).toBe('14');
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    await expect(grpcStatus(port)).rejects.toThrow(); // the link is closed with its run
    expect(await grpcStatus(serverPort)).toBeUndefined();
  });
});
