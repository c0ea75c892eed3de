import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultNamed, faults } from '../../../src/injectors/registry.ts';
import type { Need } from '../../../src/model/need.ts';
import type { TargetKind } from '../../../src/model/scenario.ts';
import { controlGroup } from '../../support/needs.ts';
import { TwoHosts } from './two-hosts.ts';

/** A fault on a kind of target. */
export interface Harm {
  fault: string;
  on: TargetKind | undefined;
}

const isLoad = (fault: string): boolean => fault === 'cpu-stress' || fault === 'memory-stress';
/** Whether it needs network namespaces, and root. */
export const isOfPackets = ({ fault, on }: Harm): boolean => (on === 'host' || on === 'network') && !isLoad(fault);
/** Whether it needs a network namespace for a process of the run. */
export const isIsolated = ({ fault, on }: Harm): boolean =>
  on === 'process' && needsOf({ fault, on }).some(({ need }) => need === 'network namespaces');
/** Whether it needs a process in control groups of its own. */
export const isBounded = ({ fault, on }: Harm): boolean => on === 'running' && isLoad(fault);

const isByNetem = ({ fault, on }: Harm): boolean =>
  needsOf({ fault, on }).some((need) => need.need === 'kernel' && need.feature === 'netem');

const needsOf = ({ fault, on }: Harm): Need[] => faultNamed(fault)!.needs?.(on) ?? [];

/** Every fault that is held, on every kind of target. */
export const harms: Harm[] = faults
  .filter(({ held }) => held)
  .flatMap(({ name, targets }) => (targets.length > 0 ? targets : [undefined]).map((on) => ({ fault: name, on })))
  // A process that the run starts is in the run's own control groups.
  .filter(({ fault, on }) => !(isLoad(fault) && on === 'process'))
  // Those have a kernel of their own: netem.test.ts.
  .filter((harm) => !isByNetem(harm));

const peers = (on: TargetKind | undefined): string => (on === 'host' ? '{ peers: [10.99.0.2] }' : '{}');
const database = (port: number): string => `postgres://shop@127.0.0.1:${port}/postgres`;

/** What faults need in order to be injected at all, as it stands in a step. */
const parameters: Record<string, (on: TargetKind | undefined, databasePort: number) => string> = {
  'connection-reset': peers,
  'network-loss': peers,
  'network-partition': peers,
  'cpu-stress': () => '{ load: 5%, cores: 1 }',
  'memory-stress': () => '{ amount: 5MiB }',
  'disk-stress': () => '{ fileSize: 64KiB, writers: 1 }',
  'disk-fill': () => '{ amount: 1MiB, floor: 0B }',
  'file-descriptors': () => '{ limit: 50 }',
  'database-lock': (_, port) => `{ url: "${database(port)}", table: orders }`,
  'database-connections': (_, port) => `{ url: "${database(port)}", connections: 5 }`,
  'api-change': () => '{ response: { remove: [etag] } }',
  command: () => '{ inject: [mkdir, "${place}/harm"], undo: [sh, -c, "rmdir \\"$0\\" || true", "${place}/harm"] }',
};

const protocols: Record<string, string> = {
  'api-bandwidth': 'http',
  'api-change': 'http',
  'api-delay': 'http',
  'api-failure': 'http',
  'database-failure': 'postgres',
  'database-slow': 'postgres',
  'network-duplicate': 'udp',
  'network-reorder': 'udp',
};

/** A process that was there before, a place, and perhaps two hosts: what a fault may work on. */
export class World {
  readonly #place = mkdtempSync(join(tmpdir(), 'chaos-world-'));
  readonly #victim: ChildProcess = spawn('sleep', ['1000000'], { stdio: 'ignore' });
  readonly #hosts: TwoHosts | undefined;
  readonly #group: string | undefined;

  constructor({ hasHosts, isBounded }: { hasHosts: boolean; isBounded: boolean }) {
    if (hasHosts) this.#hosts = new TwoHosts();
    if (!isBounded) return;
    this.#group = join(controlGroup()!, `chaos-world-${this.#victim.pid}`);
    mkdirSync(this.#group);
    writeFileSync(join(this.#group, 'cgroup.procs'), String(this.#victim.pid));
  }

  /** Whatever a fault could have changed, as those say who know. */
  async account(): Promise<object> {
    const ofVictim = (name: string) => readFileSync(`/proc/${this.#victim.pid}/${name}`, 'utf8');
    return {
      isStopped: /^State:\s*[Tt]/m.test(ofVictim('status')),
      tracer: /^TracerPid:\s*(.*)$/m.exec(ofVictim('status'))![1],
      limits: ofVictim('limits'),
      cgroups: ofVictim('cgroup'),
      inGroup: this.#group && readFileSync(join(this.#group, 'cgroup.procs'), 'utf8'),
      files: readdirSync(this.#place),
      mounts: mounts(),
      rules: this.#hosts && [await this.#hosts.rules(this.#hosts.a), await this.#hosts.rules(this.#hosts.b)],
      queues: this.#hosts && [
        await this.#hosts.on(this.#hosts.a, 'tc', 'qdisc'),
        await this.#hosts.on(this.#hosts.b, 'tc', 'qdisc'),
      ],
    };
  }

  /** A game day with nothing but that harm. @param held how long, `60s` @param databasePort of a PostgreSQL with a table `orders` */
  scenario({ fault, on }: Harm, held: string, databasePort: number): string {
    const target: Record<TargetKind, string> = {
      process: isIsolated({ fault, on })
        ? '{ process: { command: [sleep, "1000"], isolate: { network: { reach: ["10.99.0.2:80"] } } } }'
        : '{ process: { command: [sleep, "1000"] } }',
      running: `{ running: { pid: ${this.#victim.pid} } }`,
      proxy: `{ proxy: { listen: "127.0.0.1:\${port}", upstream: "127.0.0.1:1", protocol: ${protocols[fault] ?? 'tcp'} } }`,
      host: this.#hosts ? `{ host: { namespace: ${this.#hosts.a} } }` : '{ host: local }',
      network: this.#hosts
        ? `{ network: { nodes: { a: { namespace: ${this.#hosts.a} }, b: { namespace: ${this.#hosts.b} } } } }`
        : '',
      directory: `{ directory: "${this.#place}" }`,
    };
    const settings = parameters[fault]?.(on, databasePort) ?? '{}';
    return `version: 1
name: One harm
parameters:
  port: { type: port, default: auto }
  place: { type: string, default: "${this.#place}" }
${on === undefined ? '' : `targets: { it: ${target[on]} }`}
timeline:
  - { id: harm, inject: ${fault}, ${on === undefined ? '' : 'target: it, '}with: ${settings}, for: ${held} }
`;
  }

  async remove(): Promise<void> {
    this.#hosts?.remove();
    const gone = new Promise((resolve) => this.#victim.once('exit', resolve));
    this.#victim.kill('SIGKILL');
    await gone;
    if (this.#group) rmdirSync(this.#group);
    rmSync(this.#place, { recursive: true, force: true });
  }
}

/** Network namespaces are mounts, too; those of others that are tested at the same time come and go. */
const mounts = (): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes('chaos-') && !line.includes(' nsfs '));
