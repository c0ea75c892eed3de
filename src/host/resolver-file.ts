import { administratorsPath } from './namespace.ts';
import { findProgram } from './programs.ts';

/**
 * The words that start a command with `file` in the place of `/etc/resolv.conf`, for itself and its children alone: in a
 * mount namespace of its own, which ends with them. Each program becomes the next, so the process stays the same one.
 */
export function withResolverFile(file: string): string[] {
  const [unshare, mount] = ['unshare', 'mount'].map(
    (name) => findProgram(name, { path: administratorsPath() }) ?? name,
  );
  return [
    unshare!,
    '--mount',
    '--propagation',
    'private',
    '/bin/sh',
    '-c',
    // What the author wrote comes as arguments only: the shell never reads it.
    '"$0" --bind "$1" /etc/resolv.conf && shift && exec "$@"',
    mount!,
    file,
  ];
}
