import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The words that make a command work in a network namespace of this machine; `undefined` is the machine itself. */
export const inNamespace = (namespace: string | undefined): string[] =>
  namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];

/** Tools for administrators lie in directories that others have not on their path. */
export const administratorsPath = (): string => `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

/** `ip netns` keeps them here. */
export const namespaceExists = (namespace: string | undefined): boolean =>
  namespace === undefined || existsSync(join('/run/netns', namespace));
