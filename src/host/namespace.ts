import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Namespace } from '../model/operation.ts';
import { asAdministrator, isRoot } from './administrator.ts';
import { isAlive } from './processes.ts';

/** The words that make a command work in a network namespace of this machine; `undefined` is the machine itself. */
export function inNamespace(namespace: Namespace | undefined): string[] {
  if (namespace === undefined) return [];
  if (typeof namespace === 'string') return ['ip', 'netns', 'exec', namespace];
  const target = ['--net', '--target', String(namespace.holder.pid)];
  // Who is not root is so in the user namespace that the network belongs to.
  return isRoot() ? ['nsenter', ...target] : ['nsenter', '--user', '--preserve-credentials', ...target];
}

/** The same for a tool that only root may run there. In a network of its own a process of ours is administered by us. */
export const asAdministratorIn = (namespace: Namespace | undefined): string[] => [
  ...(typeof namespace === 'object' ? [] : asAdministrator()),
  ...inNamespace(namespace),
];

/** Whoever may run a tool at all may look with it; into another namespace only root gets. */
export const toLookInto = (namespace: Namespace | undefined): string[] =>
  namespace === undefined ? [] : asAdministratorIn(namespace);

/** Tools for administrators lie in directories that others have not on their path. */
export const administratorsPath = (): string => `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

/** `ip netns` keeps those with names here; one that is held is taken to be gone with its holder. */
export function namespaceExists(namespace: Namespace | undefined): boolean {
  if (namespace === undefined) return true;
  return typeof namespace === 'string' ? existsSync(join('/run/netns', namespace)) : isAlive(namespace.holder);
}
