/*
 * What the fault proxy costs when it does nothing, against the same traffic without it, and how exact its faults are.
 * Client, proxy and server are three threads of execution on whatever cores there are.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { startProxy } from '../src/proxy/start.ts';
import { finding } from './finding.ts';
import { median, quantile } from './measure.ts';

const directory = mkdtempSync(join(tmpdir(), 'chaos-bench-'));
const { child, control } = await startProxy({
  entry: join('dist', 'proxy.cjs'),
  socketPath: join(directory, 'control'),
  env: process.env,
});
const servers = new Worker(serversSource(), { eval: true });
const { echoPort, bulkPort } = await new Promise<{ echoPort: number; bulkPort: number }>((resolve) =>
  servers.once('message', resolve),
);

await throughput();
await addedRoundTrip();
await delayError(5);
await delayError(100);

await servers.terminate();
control.close();
child.stdin?.end();
rmSync(directory, { recursive: true, force: true });

async function throughput(): Promise<void> {
  const through = await link('bulk', bulkPort);
  const rates: Record<'direct' | 'proxied', number[]> = { direct: [], proxied: [] };
  for (let round = 0; round < 3; round += 1) {
    rates.direct.push(await bulkRate(bulkPort));
    rates.proxied.push(await bulkRate(through));
  }
  const [direct, proxied] = [median(rates.direct), median(rates.proxied)];
  finding({
    what: 'proxy: throughput, one connection',
    measured: `${(proxied / direct).toFixed(2)} × (${(proxied / 1e6).toFixed(0)} MB/s)`,
    against: 'without the proxy',
  });
}

async function bulkRate(port: number): Promise<number> {
  const client = await dial(port);
  let bytes = 0;
  client.on('data', (chunk) => {
    bytes += chunk.length;
  });
  const began = performance.now();
  await pause(1000);
  const rate = bytes / ((performance.now() - began) / 1000);
  client.destroy();
  return rate;
}

async function addedRoundTrip(): Promise<void> {
  const [direct, proxied] = [await dial(echoPort), await dial(await link('echo', echoPort))];
  const trips: Record<'direct' | 'proxied', number[]> = { direct: [], proxied: [] };
  for (let round = 0; round < 4000; round += 1) {
    trips.direct.push(await roundTripMs(direct));
    trips.proxied.push(await roundTripMs(proxied));
  }
  const addedMs = median(trips.proxied) - median(trips.direct);
  finding({
    what: 'proxy: added round trip, 64 B, p50',
    measured: `${(addedMs * 1000).toFixed(0)} µs (${(median(trips.proxied) / median(trips.direct)).toFixed(2)} ×)`,
    against: 'without the proxy',
  });
  for (const client of [direct, proxied]) client.destroy();
}

async function roundTripMs(client: Socket): Promise<number> {
  const sent = performance.now();
  const answer = new Promise((resolve) => client.once('data', resolve));
  client.write(Buffer.alloc(64));
  await answer;
  return performance.now() - sent;
}

/** 1,000 messages a second for two seconds; the error is what the delayed round trip has above the undelayed one. */
async function delayError(latencyMs: number): Promise<void> {
  const name = `delay-${latencyMs}`;
  const client = await dial(await link(name, echoPort));
  const undelayed: number[] = [];
  for (let round = 0; round < 500; round += 1) undelayed.push(await roundTripMs(client));
  const settings = { latencyMs, jitterMs: 0, share: 1, direction: 'downstream', seed: name };
  await control.add(name, { id: name, kind: 'delay', settings });
  const errors = (await stream(client, 2000)).map((tripMs) => tripMs - median(undelayed) - latencyMs);
  const counters = await control.remove(name, name);
  const meanMs = counters.delaySumMs! / counters.delayedChunks!;
  finding({
    what: `proxy: error of a ${latencyMs} ms delay, 1,000 messages/s`,
    measured: `p50 ${quantile(errors, 0.5).toFixed(2)} p99 ${quantile(errors, 0.99).toFixed(2)} ms; earliest ${(counters.delayMinMs! - latencyMs).toFixed(3)}, mean ${(meanMs - latencyMs).toFixed(2)} ms by its own clock`,
    against: 'the delay asked for',
  });
  client.destroy();
}

async function stream(client: Socket, count: number): Promise<number[]> {
  const sent: number[] = [];
  const trips: number[] = [];
  let rest = 0;
  const all = new Promise<void>((resolve) => {
    client.on('data', (chunk: Buffer) => {
      rest += chunk.length;
      for (; rest >= 64; rest -= 64) trips.push(performance.now() - sent[trips.length]!);
      if (trips.length === count) resolve();
    });
  });
  const began = performance.now();
  while (sent.length < count) {
    while (sent.length < count && sent.length <= performance.now() - began) {
      sent.push(performance.now());
      client.write(Buffer.alloc(64));
    }
    await new Promise(setImmediate);
  }
  await all;
  return trips;
}

async function link(proxy: string, port: number): Promise<number> {
  const bound = await control.listen({ proxy, listen: '127.0.0.1:0', upstream: `127.0.0.1:${port}`, protocol: 'tcp' });
  return Number(bound.split(':')[1]);
}

function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket)).once('error', reject);
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** One that answers with what it got, and one that sends for as long as somebody reads. */
function serversSource(): string {
  return `
    const { createServer } = require('node:net');
    const { parentPort } = require('node:worker_threads');
    const listen = (onConnection) => new Promise((resolve) => {
      const server = createServer({ noDelay: true }, (socket) => onConnection(socket.on('error', () => {})));
      server.listen(0, '127.0.0.1', () => resolve(server.address().port));
    });
    const chunk = Buffer.alloc(256 * 1024);
    const send = (socket) => {
      while (!socket.destroyed && socket.write(chunk));
      socket.once('drain', () => send(socket));
    };
    Promise.all([listen((socket) => socket.pipe(socket)), listen(send)])
      .then(([echoPort, bulkPort]) => parentPort.postMessage({ echoPort, bulkPort }));
  `;
}
