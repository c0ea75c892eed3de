import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { packageRoot } from '../../src/cli/entries.ts';
import { faketimeLibrary } from '../../src/host/faketime.ts';
import { administratorsPath } from '../../src/host/namespace.ts';
import { findProgram } from '../../src/host/programs.ts';

const starts = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

/** What a machine may lack. */
const abilities = {
  root: () => process.getuid?.() === 0,
  mount: () => spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0,
  nft: () => spawnSync('unshare', ['--net', 'nft', 'list', 'ruleset']).status === 0,
  ip: () => spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up']).status === 0,
  systemd: () => abilities.mount() && starts('systemctl') && existsSync('/usr/lib/systemd/systemd'),
  sudo: () => starts('sudo'),
  'namespaces of who is not root': () =>
    spawnSync('unshare', ['--user', '--map-root-user', '--net', 'nft', 'list', 'ruleset'], ordinaryUser()).status === 0,
  tcpdump: () => spawnSync('tcpdump', ['-i', 'lo', '-d', 'tcp']).status === 0,
  strace: () => spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0,
  faketime: () => faketimeLibrary() !== undefined,
  cgroup: () => controlGroup() !== undefined,
  freezer: () => Object.values(freezers()).some((tree) => tree !== undefined),
  dnsmasq: () => starts('dnsmasq'),
  'a second kernel (.ci/second-kernel)': () => secondKernel() !== undefined,
  emulator: () => hasPrograms('qemu-system-x86_64', 'cpio', 'depmod', 'ip', 'modprobe', 'nft', 'ping', 'setpriv', 'tc'),
  dig: () => spawnSync('dig', ['-v']).status === 0,
  redis: () => ['redis-server', 'redis-cli'].every(starts),
  mariadb: () => ['mariadbd', 'mariadb', 'my_print_defaults'].every(starts),
  nginx: () => spawnSync('nginx', ['-v']).status === 0,
  'a parser of OpenMetrics (python3-prometheus-client)': () =>
    spawnSync('/usr/bin/python3', ['-c', 'import prometheus_client.openmetrics.parser']).status === 0,
  browser: () => browser() !== undefined,
  haproxy: () => spawnSync('haproxy', ['-v']).status === 0,
} as const;

const nobody = { uid: 65_534, gid: 65_534 };

/** Somebody who is not root: `nobody`, or whoever runs the tests; that is also who remains where nobody else may read this clone. */
export const ordinaryUser = (): { uid?: number; gid?: number } =>
  process.getuid?.() === 0 && mayRead(nobody) ? nobody : {};

const mayRead = (user: typeof nobody): boolean =>
  spawnSync(process.execPath, [join(packageRoot(), 'bin', 'chaos.cjs'), '--version'], user).status === 0;

const hasPrograms = (...names: string[]): boolean =>
  names.every((name) => findProgram(name, { path: administratorsPath() }) !== undefined);

/** Where Debian's Chromium, or one like it, lies. */
export const browser = (): string | undefined =>
  ['chromium', 'chromium-browser', 'google-chrome'].map((name) => findProgram(name)).find((path) => path !== undefined);

/** Where `.ci/second-kernel` has put a kernel; `undefined` when it did not. */
export function secondKernel(): string | undefined {
  const { CHAOS_SECOND_KERNEL, XDG_CACHE_HOME = join(homedir(), '.cache') } = process.env;
  const folder = CHAOS_SECOND_KERNEL ?? join(XDG_CACHE_HOME, 'chaos-second-kernel');
  return existsSync(folder) ? folder : undefined;
}

/** Where control groups can be made that bound processors: with a tree of their own (v1), or in that of all (v2). */
export function controlGroup(): string | undefined {
  const cpu = '/sys/fs/cgroup/cpu';
  return [existsSync(cpu) ? cpu : '/sys/fs/cgroup'].find(canBeMadeIn);
}

/** Where control groups can be made that can be frozen. */
export function freezers(): { v1: string | undefined; v2: string | undefined } {
  const root = '/sys/fs/cgroup';
  return {
    v1: [join(root, 'freezer')].find((tree) => existsSync(tree) && canBeMadeIn(tree)),
    v2: [join(root, 'unified'), root].find((tree) => existsSync(join(tree, 'cgroup.procs')) && canBeMadeIn(tree)),
  };
}

function canBeMadeIn(tree: string): boolean {
  const trial = join(tree, `chaos-trial-${process.pid}`);
  try {
    mkdirSync(trial);
    rmdirSync(trial);
    return true;
  } catch {
    return false;
  }
}

/** For what is started before the tests, each of which says that it `needs` it. */
export const has = (ability: keyof typeof abilities): boolean => abilities[ability]();

/** A test that needs what this machine lacks says so aloud; in CI that is a failure. */
export function needs(context: TestContext, ...wanted: (keyof typeof abilities)[]): void {
  const missing = wanted.filter((ability) => !abilities[ability]());
  if (missing.length === 0) return;
  const message = `this machine lacks: ${missing.join(', ')}`;
  if (process.env.CI) throw new Error(message);
  context.skip(message);
}
