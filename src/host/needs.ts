import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { KernelFeature, Need } from '../model/need.ts';
import { isRoot, maySudo } from './administrator.ts';
import { hasFreezer } from './cgroups.ts';
import { faketimeLibrary } from './faketime.ts';
import { inNewNetwork } from './isolation.ts';
import { administratorsPath } from './namespace.ts';
import { findProgram } from './programs.ts';

/** What is missing, and what to type to have it. */
export interface Lack {
  message: string;
  remedy: string;
}

/** @returns what this machine lacks of it, or `undefined` when it is there */
export function lackOf(need: Need): Lack | undefined {
  switch (need.need) {
    case 'program':
      if (findProgram(need.program, { path: administratorsPath() })) return undefined;
      return { message: `there is no program ${need.program}`, remedy: `apt-get install ${need.package}` };
    case 'root':
      return isRoot() || need.sudo?.every(maySudo) ? undefined : lackOfRoot(need);
    case 'kernel':
      // Where no trial can be made, that is what is missing.
      return hasFeature(need.feature) || (!isRoot() && lackOfNamespaces())
        ? undefined
        : { message: `this kernel has no ${need.feature}`, remedy: remedies[need.feature] };
    case 'network namespaces':
      return lackOfNamespaces();
    case 'ptrace':
      return lackOfPtrace();
    case 'freezer':
      if (hasFreezer()) return undefined;
      return {
        message: 'no control groups are mounted that could be frozen',
        remedy: 'mount -t cgroup2 cgroup2 /sys/fs/cgroup',
      };
    case 'faketime':
      if (faketimeLibrary() !== undefined) return undefined;
      return { message: 'there is no libfaketime', remedy: 'apt-get install faketime' };
  }
}

function lackOfRoot({ why, sudo }: Extract<Need, { need: 'root' }>): Lack {
  const programs = sudo?.join(' and ');
  const orSudo = programs === undefined ? '' : `, or let sudo run ${programs} without a password (NOPASSWD in sudoers)`;
  return { message: `only root can ${why}`, remedy: `run it as root${orSudo}` };
}

/** @see the kernel's Documentation/admin-guide/LSM/Yama.rst */
function lackOfPtrace(): Lack | undefined {
  const scope = existsSync(yama) ? Number(readFileSync(yama, 'utf8')) : 0;
  if (scope === 0 || (scope < 3 && isRoot())) return undefined;
  const message = `processes may not be traced here (kernel.yama.ptrace_scope is ${scope})`;
  return {
    message,
    remedy: scope < 3 ? 'sysctl kernel.yama.ptrace_scope=0, or run it as root' : 'restart with another scope',
  };
}

let namespacesWork: boolean | undefined;

/** Where they are refused, by what, and what grants them. */
function lackOfNamespaces(): Lack | undefined {
  namespacesWork ??= succeedsInNewNetwork(['true']);
  if (namespacesWork) return undefined;
  if (isRoot())
    return {
      message: 'network namespaces may not be made here',
      remedy: 'grant CAP_SYS_ADMIN (docker run --privileged)',
    };
  const refused = refusals.find(({ setting, refuses }) => refuses(sysctl(setting)));
  if (!refused)
    return {
      message: 'only root may make namespaces here',
      remedy: 'a kernel with CONFIG_USER_NS; in a container, docker run --security-opt seccomp=unconfined',
    };
  const { setting, grants } = refused;
  return {
    message: `only root may make namespaces here (${setting} is ${sysctl(setting)})`,
    remedy: `sysctl ${setting}=${grants}`,
  };
}

/** The settings of kernels and distributions that keep user namespaces from who is not root. */
const refusals = [
  { setting: 'user.max_user_namespaces', refuses: (value: string | undefined) => value === '0', grants: 10000 },
  { setting: 'user.max_net_namespaces', refuses: (value: string | undefined) => value === '0', grants: 10000 },
  // Debian
  { setting: 'kernel.unprivileged_userns_clone', refuses: (value: string | undefined) => value === '0', grants: 1 },
  // Ubuntu
  {
    setting: 'kernel.apparmor_restrict_unprivileged_userns',
    refuses: (value: string | undefined) => value === '1',
    grants: 0,
  },
];

function sysctl(setting: string): string | undefined {
  const file = `/proc/sys/${setting.replaceAll('.', '/')}`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

const yama = '/proc/sys/kernel/yama/ptrace_scope';

const remedies: Record<KernelFeature, string> = {
  nftables: 'modprobe nf_tables, or a kernel with CONFIG_NF_TABLES',
  nat: 'modprobe nft_redir, or a kernel with CONFIG_NFT_NAT and CONFIG_NFT_REDIR',
  netem: 'modprobe sch_netem, or a kernel with CONFIG_NET_SCH_NETEM',
  'mount namespaces': 'grant CAP_SYS_ADMIN (docker run --privileged)',
  tbf: 'modprobe sch_tbf, or a kernel with CONFIG_NET_SCH_TBF',
  'traffic classes': 'modprobe -a sch_htb cls_u32, or a kernel with CONFIG_NET_SCH_HTB and CONFIG_NET_CLS_U32',
};

/** Tried in a network namespace that is gone with the trial: nothing of the machine is touched. */
const trials: Record<KernelFeature, string[]> = {
  nftables: ['nft', 'add', 'table', 'inet', 'trial'],
  nat: [
    'nft',
    'add table inet trial; add chain inet trial nat { type nat hook output priority -100; }; add rule inet trial nat tcp dport 53 redirect to :5; add chain inet trial route { type route hook output priority -250; }',
  ],
  netem: ['tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms'],
  'mount namespaces': ['unshare', '--mount', 'true'],
  tbf: ['tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'tbf', 'rate', '1mbit', 'burst', '10kb', 'latency', '10ms'],
  'traffic classes': ['tc', '-batch', '-'],
};

/** What a trial reads. */
const inputs: Partial<Record<KernelFeature, string>> = {
  'traffic classes': `qdisc add dev lo root handle 1: htb
filter add dev lo parent 1: protocol ip u32 match ip dst 127.0.0.1 flowid 1:1
`,
};

const tried = new Map<KernelFeature, boolean>();

function hasFeature(feature: KernelFeature): boolean {
  const known = tried.get(feature);
  if (known !== undefined) return known;
  const works = succeedsInNewNetwork(trials[feature], inputs[feature]);
  tried.set(feature, works);
  return works;
}

/** Modules may have to be loaded, by a machine that is busy. */
const longestTrialMs = 30_000;

function succeedsInNewNetwork(command: string[], input = ''): boolean {
  const [program, ...argv] = [...inNewNetwork(), ...command];
  const env = { ...process.env, PATH: administratorsPath() };
  return (
    spawnSync(program!, argv, { input, stdio: ['pipe', 'ignore', 'ignore'], timeout: longestTrialMs, env }).status === 0
  );
}
