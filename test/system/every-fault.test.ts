import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faults } from '../../src/injectors/registry.ts';
import type { TargetKind } from '../../src/model/scenario.ts';
import { connectTo, type Postgres, startPostgres } from '../proxy/support/postgres.ts';
import { controlGroup, needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';
import { TwoHosts } from './support/two-hosts.ts';

/*
 * Each fault, on each kind of target, while the runner is killed: the world is afterwards what it was before, by its own
 * account. A fault that is not listed here fails a test.
 */

/** What each fault needs in order to be injected at all, as it stands in a step. */
const parameters: Record<string, (on: TargetKind | undefined) => string> = {
  'connection-reset': (on) => (on === 'host' ? '{ peers: [10.99.0.2] }' : '{}'),
  'cpu-stress': () => '{ load: 5%, cores: 1 }',
  'memory-stress': () => '{ amount: 5MiB }',
  'disk-stress': () => '{ fileSize: 64KiB, writers: 1 }',
  'disk-fill': () => '{ amount: 1MiB, floor: 0B }',
  'network-loss': (on) => (on === 'host' ? '{ peers: [10.99.0.2] }' : '{}'),
  'network-partition': (on) => (on === 'host' ? '{ peers: [10.99.0.2] }' : '{}'),
  'file-descriptors': () => '{ limit: 50 }',
  'database-lock': () => `{ url: "${url()}", table: orders }`,
  'database-connections': () => `{ url: "${url()}", connections: 5 }`,
  command: () => '{ inject: [mkdir, "${place}/harm"], undo: [sh, -c, "rmdir \\"$0\\" || true", "${place}/harm"] }',
};

const protocols: Record<string, string> = { 'api-delay': 'http', 'api-failure': 'http', 'database-slow': 'postgres' };

let postgres: Postgres;
let client: Client;
const url = (): string => `postgres://shop@127.0.0.1:${postgres.port}/postgres`;
const group = join(controlGroup() ?? '/nowhere', `chaos-every-${process.pid}`);

beforeAll(async () => {
  if (controlGroup()) mkdirSync(group);
  postgres = await startPostgres();
  client = await connectTo(postgres.port);
  await client.query('create table orders (id int)');
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
  if (controlGroup()) rmdirSync(group);
});

/** Network namespaces are mounts, too; those of others that are tested at the same time come and go. */
const mounts = (): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes('chaos-') && !line.includes(' nsfs '));

/** A process that was there before, a place, and two hosts: what a fault may work on. */
class World {
  readonly place = mkdtempSync(join(tmpdir(), 'chaos-world-'));
  readonly victim: ChildProcess = spawn('sleep', ['1000'], { stdio: 'ignore' });
  readonly hosts: TwoHosts | undefined;

  constructor(hasHosts: boolean, isBounded: boolean) {
    if (hasHosts) this.hosts = new TwoHosts();
    if (isBounded) writeFileSync(join(group, 'cgroup.procs'), String(this.victim.pid));
  }

  /** Whatever a fault could have changed, as those say who know. */
  async account(): Promise<object> {
    const ofVictim = (name: string) => readFileSync(`/proc/${this.victim.pid}/${name}`, 'utf8');
    return {
      isStopped: /^State:\s*[Tt]/m.test(ofVictim('status')),
      tracer: /^TracerPid:\s*(.*)$/m.exec(ofVictim('status'))![1],
      limits: ofVictim('limits'),
      cgroups: ofVictim('cgroup'),
      files: readdirSync(this.place),
      mounts: mounts(),
      rules: await this.hosts?.rules(this.hosts.a),
      queues: await this.hosts?.on(this.hosts.a, 'tc', 'qdisc'),
    };
  }

  remove(): void {
    this.hosts?.remove();
    this.victim.kill('SIGKILL');
    rmSync(this.place, { recursive: true });
  }
}

function scenario(fault: string, on: TargetKind | undefined, { place, victim, hosts }: World): string {
  const target: Record<TargetKind, string> = {
    process: '{ process: { command: [sleep, "1000"] } }',
    running: `{ running: { pid: ${victim.pid} } }`,
    proxy: `{ proxy: { listen: "127.0.0.1:\${port}", upstream: "127.0.0.1:1", protocol: ${protocols[fault] ?? 'tcp'} } }`,
    host: hosts ? `{ host: { namespace: ${hosts.a} } }` : '{ host: local }',
    directory: `{ directory: "${place}" }`,
  };
  return `version: 1
name: Every fault
parameters:
  port: { type: port, default: auto }
  place: { type: string, default: "${place}" }
${on === undefined ? '' : `targets: { it: ${target[on]} }`}
timeline:
  - { id: harm, inject: ${fault}, ${on === undefined ? '' : 'target: it, '}with: ${parameters[fault]?.(on) ?? '{}'}, for: 60s }
`;
}

const isLoad = (fault: string): boolean => fault === 'cpu-stress' || fault === 'memory-stress';
const pairs = faults
  .filter(({ held }) => held)
  .flatMap(({ name, targets }) => (targets.length > 0 ? targets : [undefined]).map((on) => ({ name, on })))
  // A process that the run starts is in the run's own control groups.
  .filter(({ name, on }) => !(isLoad(name) && on === 'process'));

describe.concurrent('when the runner is killed', { timeout: 60_000 }, () => {
  it.for(pairs)('$name on $on leaves the world as it was', async ({ name, on }, context) => {
    const isOfPackets = on === 'host' && !isLoad(name);
    const isBounded = isLoad(name) && on === 'running';
    if (isOfPackets) needs(context, 'root', 'ip', 'nft');
    if (isBounded) needs(context, 'cgroup');
    const world = new World(isOfPackets, isBounded);
    try {
      const before = await world.account();
      const day = new GameDay(scenario(name, on, world));
      await day.until('injection-in-force');
      day.signal('SIGKILL');
      await day.end();
      context.expect(await day.untilClean(), day.stderr).toEqual([]);
      context.expect(await world.account()).toEqual(before);
    } finally {
      world.remove();
    }
  });
});

it('then no session is left in the database', { timeout: 30_000 }, async () => {
  const sessions = "select pid from pg_stat_activity where application_name = 'chaos'";
  await expect.poll(async () => (await client.query(sessions)).rows, { timeout: 20_000 }).toEqual([]);
});

it('every fault that is held is tested here', () => {
  expect(pairs.length).toBeGreaterThan(20);
});
