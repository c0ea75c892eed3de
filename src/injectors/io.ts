import type { Effect, Sight } from '../model/fault.ts';
import { choice, flag, integer, list, text } from '../model/field.ts';
import type { Need } from '../model/need.ts';
import type { Action } from '../model/operation.ts';
import type { Target } from '../model/scenario.ts';
import { plural } from '../text/plural.ts';
import { inWords } from './in-words.ts';
import { observationLimitMs } from './observation-limit.ts';

/** System calls by what they are for. */
const callsOf = {
  open: ['open', 'openat', 'openat2', 'creat'],
  read: ['read', 'pread64', 'readv', 'preadv', 'preadv2'],
  write: ['write', 'pwrite64', 'writev', 'pwritev', 'pwritev2', 'ftruncate', 'fallocate'],
  sync: ['fsync', 'fdatasync', 'sync_file_range', 'msync', 'syncfs'],
  stat: ['stat', 'lstat', 'fstat', 'newfstatat', 'statx', 'access', 'faccessat', 'faccessat2'],
  list: ['getdents', 'getdents64'],
  change: ['rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'mkdir', 'mkdirat', 'rmdir', 'link', 'linkat'],
} as const;
type Operation = keyof typeof callsOf;

export const ioNeeds = (): Need[] => [
  { need: 'program', program: 'strace', package: 'strace' },
  { need: 'program', program: 'setpriv', package: 'util-linux' },
  { need: 'ptrace' },
];

/** Which calls are meant. */
export const whichCalls = {
  operations: list(
    choice(Object.keys(callsOf) as Operation[])({
      description:
        '`open`, `read`, `write`, `sync` (fsync and its kin), `stat`, `list` (of a directory), `change` (rename, unlink, mkdir, …).',
    }),
  )({ description: 'What is done to files.', default: ['read', 'write', 'sync'], examples: [['sync']] }),
  paths: list(
    text({
      description: 'A file, or a directory for the files that are in it when the fault begins.',
      examples: ['data/orders.db'],
    }),
  )({
    description:
      'Only calls that are about these files; `open`, `stat`, `list` and `change` only where the process names the file by its whole path. Without any: all calls, and `read` and `write` then also mean sockets and pipes.',
    optional: true,
    examples: [['/var/lib/orders']],
  }),
  every: integer({
    description: 'Only the first of so many such calls of each thread, and so a rate: `10` is every tenth.',
    minimum: 1,
    maximum: 65_535,
    default: 1,
    examples: [10],
  }),
  tree: flag({
    description: 'Whether its descendants are met as well. What it starts while the fault is in force is, either way.',
    default: true,
  }),
};

/** Attaches to a process, and lets go of it. */
export function tampered(
  target: Target | undefined,
  {
    operations,
    paths = [],
    every,
    tree,
  }: { operations: Operation[]; paths?: string[] | undefined; every: number; tree: boolean },
  effect: string,
): { inject: Action[]; undo: Action[] } {
  if (!target) throw new Error('a process is needed');
  const calls = [...new Set(operations.flatMap((one) => callsOf[one]))];
  const when = every === 1 ? '' : `:when=1+${every}`;
  return {
    inject: [{ op: 'trace', target: target.id, tree, tampering: { calls, paths, effect: `${effect}${when}` } }],
    undo: [{ op: 'stop-stress' }],
  };
}

export const ioBegun = async (sight: Sight): Promise<Effect> => {
  const traced = await sight.traced();
  return traced
    ? { seen: 'pending', summary: `attached to ${inWords(traced.processes)}`, figures: {} }
    : { seen: 'unseen', summary: 'nothing is attached', figures: {} };
};

/** @param did what happened to each call: `failed with EIO` */
export async function ioTotal(sight: Sight, did: string): Promise<Effect> {
  const traced = await sight.traced();
  const calls = traced?.hits ?? 0;
  if (!traced?.goesOn) return { seen: 'unseen', summary: 'strace ended before its time', figures: { calls } };
  return {
    seen: calls > 0 ? 'seen' : 'unseen',
    summary: calls > 0 ? `${plural(calls, 'system call')} ${did}` : 'no such call was made while it was in force',
    figures: { calls },
  };
}

/** Whether every process that is left is its own again. */
export async function ioEnded(sight: Sight): Promise<string | undefined> {
  const held = async () => (await sight.traced())?.processes.filter(({ isTraced }) => isTraced) ?? [];
  await sight.until(observationLimitMs, async () => (await held()).length === 0 || undefined);
  const left = await held();
  return left.length > 0 ? `${inWords(left)} still traced` : undefined;
}
