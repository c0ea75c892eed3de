import { once } from 'node:events';
import { connect } from 'node:net';
import { type Latency, Toxiproxy } from 'toxiproxy-node-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Deadlines } from '../../src/proxy/time/deadlines.ts';
import { Proxies } from '../../src/proxy/toxiproxy/proxies.ts';
import { type ApiServer, serveApi } from '../../src/proxy/toxiproxy/server.ts';
import { serve } from './support/rig.ts';

const deadlines = new Deadlines();
let proxies: Proxies;
let api: ApiServer;
beforeAll(async () => {
  await deadlines.ready;
  proxies = new Proxies(deadlines, 'seed');
  api = await serveApi(proxies, { listen: { host: '127.0.0.1', port: 0 }, allowHosts: [], version: 'test' });
});
afterAll(async () => {
  api.close();
  proxies.close();
  await deadlines.stop();
});

it("npm's toxiproxy-node-client makes what comes late, and takes that back", async () => {
  const server = await serve((socket) => void socket.pipe(socket));
  const upstream = `127.0.0.1:${server.port}`;
  const proxy = await new Toxiproxy(`http://${api.address}`).createProxy({
    name: 'echo',
    listen: '127.0.0.1:0',
    upstream,
  });
  const client = connect(Number(proxy.listen.split(':').at(-1)), '127.0.0.1');
  const roundTripMs = async () => {
    const startMs = performance.now();
    client.write('x');
    await once(client, 'data');
    return performance.now() - startMs;
  };
  const toxic = await proxy.addToxic<Latency>({
    name: 'late',
    type: 'latency',
    stream: 'downstream',
    toxicity: 1,
    attributes: { latency: 1500, jitter: 0 },
  });
  expect(await roundTripMs()).toBeGreaterThanOrEqual(1499);
  await toxic.remove();
  expect(await roundTripMs()).toBeLessThan(1400);
  client.destroy();
  await proxy.remove();
  await server.close();
});
