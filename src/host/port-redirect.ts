import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Need } from '../model/need.ts';
import { lastWordsOf } from './last-words.ts';
import { administratorsPath } from './namespace.ts';

/** What redirecting takes. */
export const redirectNeeds: Need[] = [
  { need: 'root', why: 'redirect ports' },
  { need: 'program', program: 'nft', package: 'nftables' },
  { need: 'kernel', feature: 'nftables' },
];

/** A port of this machine's, or of another host, whose new connections end up at another one. */
export interface Redirect {
  /** A numeric address. */
  address: string;
  port: number;
  /** A port of the loopback interface. */
  to: number;
  /** Connections of processes of this group go where they were meant to. */
  exceptGroup: number;
}

/**
 * Redirects connections that are made on this machine. The rules belong to one `nft` process (`flags owner`): when that
 * ends, however, and so when we do, the kernel removes them.
 * @param env of that process
 * @returns what ends it @throws with what `nft` said
 */
export async function redirect(table: string, about: Redirect, env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const nft = spawn('nft', ['-i'], {
    env: { ...env, PATH: administratorsPath() },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    cwd: '/',
  });
  nft.stdin.on('error', () => undefined);
  const lastWords = lastWordsOf(nft.stderr);
  nft.stdin.write(`${ruleset(table, about)}\nlist table inet ${table}\n`);
  const there = once(nft.stdout, 'data').then(() => true);
  const refused = Promise.race([once(nft.stderr, 'data'), once(nft, 'close')]).then(() => false);
  const isThere = await Promise.race([there, refused]);
  if (isThere) return () => ended(nft);
  await ended(nft);
  throw new Error(`port ${about.port} cannot be redirected: ${lastWords().split('\n')[0]}`);
}

function ruleset(table: string, { address, port, to, exceptGroup }: Redirect): string {
  const family = isIPv6(address) ? 'ip6' : 'ip';
  const rule = `${family} daddr ${address} tcp dport ${port} meta skgid != ${exceptGroup} redirect to :${to}`;
  return `table inet ${table} { flags owner; chain output { type nat hook output priority -100; ${rule}; }; }`;
}

async function ended(nft: ChildProcess): Promise<void> {
  if (nft.exitCode !== null || nft.signalCode !== null) return;
  const exit = once(nft, 'exit');
  nft.kill('SIGKILL');
  await exit;
}
