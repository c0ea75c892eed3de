import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, it, type TestContext } from 'vitest';
import { dial, fate, read } from '../proxy/support/rig.ts';
import { freePort } from '../proxy/support/server.ts';
import { GameDay } from './support/game-day.ts';
import { Hold } from './support/hold.ts';

/* Game days with faults of streams on a link, before a server that says back what it is told. */

const echo =
  "require('node:net').createServer({ allowHalfOpen: true, noDelay: true }, (socket) => socket.on('error', () => {}).pipe(socket)).listen(Number(process.argv[1]), '127.0.0.1')";

/** A fault in force; then what the run says of it, and that the link is as it was. */
const under = (
  fault: string,
  name: string,
  test: (port: number, context: TestContext) => Promise<void>,
  summary: RegExp,
) =>
  it(`${fault.split(',')[0]} ${name}`, { timeout: 60_000 }, async (context) => {
    const { expect } = context;
    const [port, serverPort] = [await freePort(), await freePort()];
    const hold = new Hold();
    const day = new GameDay(`version: 1
name: On a bad link
targets:
  echo: { process: { command: [node, -e, ${JSON.stringify(echo)}, "${serverPort}"], ready: { tcp: "127.0.0.1:${serverPort}" } } }
  link: { proxy: { listen: "127.0.0.1:${port}", upstream: "127.0.0.1:${serverPort}" } }
timeline:
${hold.steps(`${fault.replace(',', ', target: link,')}`)}
`);
    await day.until('injection-in-force');
    await test(port, context);
    hold.lift();
    await day.until('injection-undone');
    const client = await dial(port);
    client.end('as ever');
    expect(String(await read(client, 7))).toBe('as ever');
    expect(await fate(client)).toBe('ended');
    hold.finish();
    expect(await day.end(), day.stderr).toBe(0);
    const [injection] = day.report().injections;
    expect(injection).toMatchObject({ gone: true, effect: { seen: 'seen' } });
    expect(injection!.effect.summary).toMatch(summary);
    hold.clear();
  });

async function roundTripMs(client: Socket): Promise<number> {
  const startMs = performance.now();
  client.write('x');
  await read(client, 1);
  return performance.now() - startMs;
}

describe.concurrent('on a link,', () => {
  under(
    'connection-refuse, with: {}',
    'closes the port',
    async (port, { expect }) => await expect(dial(port)).rejects.toThrow('ECONNREFUSED'),
    /^the port is closed$/,
  );

  under(
    'connection-delay, with: { latency: 300ms }',
    'serves new connections late, once',
    async (port, { expect }) => {
      const startMs = performance.now();
      const client = await dial(port);
      await roundTripMs(client);
      const firstMs = performance.now() - startMs;
      expect(firstMs).toBeGreaterThanOrEqual(299.9);
      expect(await roundTripMs(client)).toBeLessThan(firstMs);
      client.destroy();
    },
    /^1 of 1 new connection served late$/,
  );

  under(
    'connection-limit, with: { bytes: 10B, direction: upstream }',
    'ends connections in the middle',
    async (port, { expect }) => {
      const client = await dial(port);
      client.write('12345678901234567890');
      expect(await fate(client)).toBe('ended');
      expect(client.bytesRead).toBeLessThanOrEqual(10);
    },
    /^1 of 1 connection closed$/,
  );

  under(
    'connection-timeout, with: { after: 300ms, direction: both }',
    'loses what is sent, and ends the connection',
    async (port, { expect }) => {
      const startMs = performance.now();
      const client = await dial(port);
      client.write('lost');
      expect(await fate(client)).toBe('ended');
      expect(performance.now() - startMs).toBeGreaterThan(290);
      expect(client.bytesRead).toBe(0);
    },
    /^4 B of 1 connection lost, [12] closed$/,
  );

  under(
    'connection-linger, with: { latency: 400ms, direction: both }',
    'lets the end come late, and not the bytes',
    async (port, { expect }) => {
      const startMs = performance.now();
      const client = await dial(port);
      client.end('bytes');
      expect(String(await read(client, 5))).toBe('bytes');
      expect(await fate(client)).toBe('ended');
      expect(performance.now() - startMs).toBeGreaterThan(790);
    },
    /^2 ends held back, of 1 connection$/,
  );

  under(
    'network-slice, with: { size: 10B, delay: 5ms, direction: downstream }',
    'lets bytes come in pieces',
    async (port, { expect }) => {
      const client = await dial(port);
      const pieces: Buffer[] = [];
      client.on('data', (piece) => pieces.push(piece));
      client.end('x'.repeat(200));
      await once(client, 'end');
      expect(Buffer.concat(pieces).toString()).toBe('x'.repeat(200));
      expect(pieces.length).toBeGreaterThan(1);
    },
    /^20 pieces on 1 connection$/,
  );
});
