import { lchownSync, statSync } from 'node:fs';
import type { Endpoint } from './address.ts';

/** Who may connect to a Unix socket: those who may write to its file. */
interface SocketRights {
  mode: number;
  owner?: { uid: number; gid: number };
}

/**
 * Whoever may connect to the server may connect to a link that leads there: to a port everybody on this machine, to a Unix
 * socket those whom its file lets.
 * @returns `undefined` where no such file can be found yet
 */
export function rightsBefore(upstream: Endpoint): SocketRights | undefined {
  if (!('path' in upstream)) return { mode: 0o777 };
  try {
    const { mode, uid, gid } = statSync(upstream.path);
    return { mode: mode & 0o777, owner: { uid, gid } };
  } catch {
    return undefined;
  }
}

/** Makes a file that has this mode from its first moment; `undefined`: that of every new file. */
export function madeWithMode(mode: number | undefined, make: () => void): void {
  const before = mode === undefined ? undefined : process.umask(0o777 & ~mode);
  try {
    make();
  } finally {
    if (before !== undefined) process.umask(before);
  }
}

/** Root gives it away; others may give it to a group that they belong to. Where neither can be, its mode is what counts. */
export function give(path: string, { uid, gid }: { uid: number; gid: number }): void {
  for (const owner of [uid, process.geteuid!()]) {
    try {
      lchownSync(path, owner, gid);
      return;
    } catch {}
  }
}
