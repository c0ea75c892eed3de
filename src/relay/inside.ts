import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { listeners } from '../host/listeners.ts';
import { parseAddress } from '../proxy/links/address.ts';
import { doorway, joinTo } from './join.ts';
import type { FromInside, FromOutside, RelaySettings } from './message.ts';

/** How often is looked who listens. */
const lookEveryMs = 20;

/** As on a real line; the loopback interface would send 64 KiB at once. */
const mtu = '1500';

/**
 * The half of a relay that lives in the namespace. It takes connections to what can be reached, which the half outside
 * carries on, and carries on those that came to published ports outside.
 */
export async function serveInside({ publish, reach }: RelaySettings): Promise<void> {
  const tell = (message: FromInside, socket?: Socket) => process.send!(message, socket, undefined, () => undefined);
  process.once('disconnect', () => process.exit(0));
  process.on('message', ({ port }: FromOutside, socket: Socket | undefined) => {
    // Who is gone by now left no socket.
    if (socket) joinTo(socket, { host: hostOf(port), port });
  });

  ip('link', 'set', 'lo', 'mtu', mtu, 'up');
  for (const address of new Set(reach.map((one) => parseAddress(one.address)!.host))) become(address);
  for (const { address } of reach)
    await once(
      doorway(parseAddress(address)!, (socket) => tell({ says: 'connection', address }, socket)),
      'listening',
    );
  tell({ says: 'ready' });

  let known = '';
  setInterval(() => {
    const ports = publish.filter((port) => listeners().some((one) => one.port === port));
    if (ports.join() === known) return;
    known = ports.join();
    tell({ says: 'listening', ports });
  }, lookEveryMs);
}

/** Packets for an address of ours pass the loopback interface, whosesoever it is elsewhere. */
function become(address: string): void {
  if (address.startsWith('127.') || address === '::1') return;
  ip('address', 'add', address, 'dev', 'lo', ...(address.includes(':') ? ['nodad'] : []));
}

/** Whoever listens on IPv6 alone is reached so. */
function hostOf(port: number): string {
  const families = listeners().flatMap((one) => (one.port === port ? [one.family] : []));
  return families.includes(6) && !families.includes(4) ? '::1' : '127.0.0.1';
}

const ip = (...words: string[]): void => {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'inherit'] });
};
