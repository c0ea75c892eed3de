/*
 * What an idle link to a database costs, and how exact `database-slow` is on it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProtocolName } from '../src/model/protocol.ts';
import { startProxy } from '../src/proxy/start.ts';
import { connectToMariadb, startMariadb } from '../test/proxy/support/mariadb.ts';
import { connectTo, startPostgres } from '../test/proxy/support/postgres.ts';
import { command, startRedis } from '../test/proxy/support/redis.ts';
import { dial, read } from '../test/proxy/support/rig.ts';
import type { RunningServer } from '../test/proxy/support/server.ts';
import { has } from '../test/support/needs.ts';
import { finding } from './finding.ts';
import { median, quantile, timed } from './measure.ts';

interface Client {
  quick(): Promise<unknown>;
  /** The server works on it for 4 ms. */
  nap(): Promise<unknown>;
  end(): unknown;
}

const factor = 10;
const directory = mkdtempSync(join(tmpdir(), 'chaos-bench-'));
const { child, control } = await startProxy({
  entry: join('dist', 'proxy.cjs'),
  socketPath: join(directory, 'control'),
  env: process.env,
});

await slowed('PostgreSQL', 'postgres', startPostgres, async (port) => {
  const client = await connectTo(port);
  return {
    quick: () => client.query('select 1'),
    nap: () => client.query('select pg_sleep(0.004)'),
    end: () => client.end(),
  };
});
if (has('mariadb'))
  await slowed('MariaDB', 'mysql', startMariadb, async (port) => {
    const client = await connectToMariadb(port);
    return {
      quick: () => client.query('select 1'),
      nap: () => client.query('do sleep(0.004)'),
      end: () => client.end(),
    };
  });
if (has('redis'))
  await slowed('Redis', 'redis', startRedis, async (port) => {
    const socket = await dial(port);
    const say = (bytes: Buffer, answer: string) => {
      socket.write(bytes);
      return read(socket, answer.length);
    };
    return {
      quick: () => say(command('GET', 'none'), '$-1\r\n'),
      nap: () => say(command('DEBUG', 'SLEEP', '0.004'), '+OK\r\n'),
      end: () => socket.destroy(),
    };
  });

control.close();
child.stdin?.end();
rmSync(directory, { recursive: true, force: true });

async function slowed(
  name: string,
  protocol: ProtocolName,
  start: () => Promise<RunningServer>,
  connect: (port: number) => Promise<Client>,
): Promise<void> {
  const server = await start();
  const upstream = `127.0.0.1:${server.port}`;
  const link = async (proxy: string, spoken: ProtocolName): Promise<Client> => {
    const bound = await control.listen({ proxy, listen: '127.0.0.1:0', upstream, protocol: spoken });
    return await connect(Number(bound.split(':')[1]));
  };
  const [direct, plain, proxied] = [
    await connect(server.port),
    await link(`${protocol}-plain`, 'tcp'),
    await link(protocol, protocol),
  ];
  const quick: Record<'direct' | 'plain' | 'proxied', number[]> = { direct: [], plain: [], proxied: [] };
  for (let round = 0; round < 3000; round += 1) {
    quick.direct.push(await timed(direct.quick));
    quick.plain.push(await timed(plain.quick));
    quick.proxied.push(await timed(proxied.quick));
  }
  await control.add(protocol, { id: 'slow', kind: 'slow-query', settings: { factor } });
  const lateMs: number[] = [];
  let within = 0;
  for (let round = 0, beforeMs = 0; round < 100; round += 1) {
    const clientMs = await timed(proxied.nap);
    const { serverMs } = await control.counters(protocol, 'slow');
    const wantedMs = factor * (serverMs! - beforeMs);
    beforeMs = serverMs!;
    lateMs.push(clientMs - wantedMs);
    if (Math.abs(clientMs - wantedMs) <= 0.05 * wantedMs + 1) within += 1;
  }
  await control.remove(protocol, 'slow');
  finding({
    what: `proxy: an idle link to ${name}, a quick query, p50`,
    measured: `${(median(quick.proxied) / median(quick.direct)).toFixed(2)} ×`,
    against: 'without the proxy',
  });
  finding({
    what: `proxy: what understanding ${name} costs an idle link, a quick query, p50`,
    measured: `${(median(quick.proxied) / median(quick.plain)).toFixed(2)} ×`,
    against: 'a link with protocol tcp to the same server',
  });
  finding({
    what: `proxy: database-slow on ${name}, factor ${factor}, 100 queries of 4 ms`,
    measured: `late by p50 ${median(lateMs).toFixed(2)}, p90 ${quantile(lateMs, 0.9).toFixed(2)} ms for the client; ${within} of 100 within`,
    against: 'the exact multiple of what the server took',
    goal: 'each within 5 % + 1 ms',
  });
  await Promise.all([direct.end(), plain.end(), proxied.end()]);
  await server.stop();
}
