/*
 * What the fault proxy costs when it does nothing, against the same traffic without it and through the proxies that
 * people have, and how exact its faults are. Client, proxy and servers are processes of their own:
 *
 *     load ──▶ direct | ours | haproxy | haproxy splice | nginx | socat | toxiproxy ──▶ servers
 *
 * `ROUNDS=3` is how often each row measures everybody; `ROWS=bulk,delays` is which rows.
 */
import { Absent, type Contender, isFaulty } from './proxy/contender.ts';
import type { Job } from './proxy/load/job.ts';
import { ours as startOurs } from './proxy/ours.ts';
import { direct, haproxy, haproxySplice, nginx, socat } from './proxy/peers.ts';
import { type Program, startProgram } from './proxy/program.ts';
import type { Ports } from './proxy/roles.ts';
import { bulk, connections, memory, roundTrips } from './proxy/rows/carrying.ts';
import { bandwidthError, delayError, throughputUnderDelay } from './proxy/rows/faults.ts';
import { requests } from './proxy/rows/http.ts';
import { toxiproxy } from './proxy/toxiproxy.ts';

const rounds = Number(process.env.ROUNDS ?? 5);
const wanted = process.env.ROWS?.split(',');

const servers: Program<never, never> = await startProgram('servers.ts');
const load: Program<Job, unknown> = await startProgram('load.ts');
const ports = servers.ready as Ports;
const ours = await startOurs(ports);
const peers: Contender[] = [];
for (const start of [direct, haproxy, haproxySplice, nginx, socat, toxiproxy]) {
  try {
    peers.push(await start(ports));
  } catch (error) {
    if (!(error instanceof Absent)) throw error;
    console.log(`${error.message}: the rows are without it`);
  }
}
const contenders = [ours, ...peers];
const faulty = [ours, ...peers.filter(isFaulty)];

const rows: Record<string, () => Promise<void>> = {
  memory: () => memory(contenders, load), // first: of processes that have done nothing
  bulk: () => bulk(contenders, load, rounds),
  trips: () => roundTrips(contenders, load, rounds),
  connections: () => connections(contenders, load, rounds),
  delays: () => delayError(faulty, load, rounds),
  'delayed-bulk': () => throughputUnderDelay(faulty, load, rounds),
  bandwidth: () => bandwidthError(faulty, load),
  http: () => requests(contenders, ours, load, rounds),
};
for (const [name, measure] of Object.entries(rows)) if (!wanted || wanted.includes(name)) await measure();

for (const one of [load, servers, ...contenders]) await one.stop();
