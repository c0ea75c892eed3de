import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram } from '../../../../src/host/programs.ts';
import { packageRoot } from '../../../support/chaos.ts';

const programs = [
  ...[
    'sh',
    'cat',
    'chmod',
    'env',
    'grep',
    'kill',
    'ls',
    'mkdir',
    'mount',
    'nsenter',
    'setpriv',
    'stty',
    'true',
    'unshare',
  ],
  ...['ip', 'modprobe', 'nft', 'ping', 'tc'],
];
const modules = [
  'sch_netem',
  'sch_tbf',
  'sch_htb',
  'cls_u32',
  'veth',
  'nf_tables',
  'nft_numgen',
  'nft_ct',
  'nft_reject_inet',
  'nft_objref',
];

/**
 * Makes the whole file system of the second kernel in one file, which its boot loader gives it: this Node, the built
 * `chaos`, and this machine's programs with their libraries.
 * @param kernel where `.ci/second-kernel` has put it @param stage an empty folder
 * @returns the archive (`initrd`)
 */
export function makeArchive(kernel: string, version: string, stage: string): string {
  const root = join(stage, 'root');
  for (const folder of ['dev', 'proc', 'sys', 'tmp', 'run', 'var', 'etc'])
    mkdirSync(join(root, folder), { recursive: true });
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', folder), { recursive: true });
    symlinkSync(`usr/${folder}`, join(root, folder));
  }
  symlinkSync('/run', join(root, 'var/run'));
  const paths = programs.map(pathOf);
  for (const file of [...paths, ...librariesOf([process.execPath, ...paths])]) copy(file, join(root, file));
  copy(process.execPath, join(root, 'usr/bin/node'));
  for (const module of modulesOf(kernel, version)) copy(module, join(root, module.slice(kernel.length)));
  execFileSync('depmod', ['-b', root, version], { stdio: 'ignore' });
  for (const part of ['bin', 'dist', 'package.json'])
    cpSync(join(packageRoot, part), join(root, 'chaos', part), { recursive: true });
  copy(join(import.meta.dirname, 'agent.cjs'), join(root, 'agent.cjs'));
  copy(join(import.meta.dirname, 'init.sh'), join(root, 'init'));
  const archive = join(stage, 'archive');
  execFileSync('sh', ['-c', 'find . | cpio -o -H newc --quiet > ../archive'], { cwd: root });
  return archive;
}

/** What they load, as the loader finds it. */
function librariesOf(programs: string[]): Set<string> {
  const said = execFileSync('ldd', programs, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return new Set([...said.matchAll(/(\/\S+) \(0x/g)].map(([, library]) => library!));
}

function pathOf(program: string): string {
  const path = findProgram(program, { path: '/usr/sbin:/usr/bin' });
  if (!path) throw new Error(`there is no program ${program}`);
  return path;
}

/** With those that they depend on. */
function modulesOf(kernel: string, version: string): Set<string> {
  const said = execFileSync('modprobe', ['-d', kernel, '-S', version, '--show-depends', '-a', ...modules], {
    encoding: 'utf8',
  });
  return new Set([...said.matchAll(/^insmod (\S+)/gm)].map(([, module]) => module!));
}

/** What a link leads to, under the name of the link. */
function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(realpathSync(from), to);
}
