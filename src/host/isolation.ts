import type { Need } from '../model/need.ts';
import type { ProcessIdentity } from '../model/operation.ts';
import { isRoot } from './administrator.ts';
import { administratorsPath, inNamespace } from './namespace.ts';
import { findProgram } from './programs.ts';

/** What a network namespace for a process takes. */
export const isolationNeeds: Need[] = [
  { need: 'program', program: 'unshare', package: 'util-linux' },
  { need: 'program', program: 'nsenter', package: 'util-linux' },
  { need: 'program', program: 'ip', package: 'iproute2' },
  { need: 'network namespaces' },
];

/** The words that start a command in a network namespace of its own, as one that may change that network. */
export const inNewNetwork = (): string[] =>
  isRoot() ? ['unshare', '--net'] : ['unshare', '--user', '--map-root-user', '--net'];

/**
 * The words that start a command in the network namespace that another process lives in. Who is not root is nobody else
 * there, and may not change that network. Each program becomes the next, so the process stays the same one.
 */
export function inNetworkOf(holder: ProcessIdentity): string[] {
  const enter = whole(inNamespace({ holder }));
  if (isRoot()) return enter;
  const [user, group] = [process.getuid!(), process.getgid!()];
  return [...enter, ...whole(['unshare', '--user', `--map-user=${user}`, `--map-group=${group}`, '--'])];
}

/** The program with its path: a target's own need not lead to it. */
const whole = ([program, ...words]: string[]): string[] => [
  findProgram(program!, { path: administratorsPath() }) ?? program!,
  ...words,
];
