import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { doorway, joinTo } from './join.ts';
import type { FromInside, FromOutside, RelaySettings } from './message.ts';
import { type Reached, watchListeners } from './watch-listeners.ts';

/** How often is looked whether the other half is there. */
const lookEveryMs = 50;

/** As on a real line; the loopback interface would send 64 KiB at once. */
const mtu = '1500';

/**
 * The half of a relay that lives in the namespace. It takes connections to what can be reached, which the half outside
 * carries on, and carries on those that came to published ports outside.
 */
export async function serveInside({ publish, reach }: RelaySettings): Promise<void> {
  const outside = process.ppid;
  // Node does not always say so by an event (`disconnect`) while connections are handed over.
  setInterval(() => {
    if (!process.connected || process.ppid !== outside) process.exit(0);
  }, lookEveryMs);
  const tell = (message: FromInside, socket?: Socket) => process.send!(message, socket, undefined, () => undefined);
  let published: Reached = new Map();
  process.on('message', ({ port }: FromOutside, socket: Socket | undefined) => {
    // Who is gone by now left no socket.
    if (socket) joinTo(socket, { host: published.get(port) ?? '127.0.0.1', port });
  });

  ip('link', 'set', 'lo', 'mtu', mtu, 'up');
  for (const address of new Set(reach.map((one) => one.address))) become(address);
  for (const [place, { address, port }] of reach.entries())
    await once(
      doorway({ host: address, port }, (socket) => tell({ says: 'connection', place }, socket)),
      'listening',
    );
  tell({ says: 'ready' });

  watchListeners(publish, (listening) => {
    published = listening;
    tell({ says: 'listening', ports: [...listening.keys()] });
  });
}

/** Packets for an address of ours pass the loopback interface, whosesoever it is elsewhere. */
function become(address: string): void {
  if (address.startsWith('127.') || address === '::1') return;
  ip('address', 'add', address, 'dev', 'lo', ...(address.includes(':') ? ['nodad'] : []));
}

const ip = (...words: string[]): void => {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'inherit'] });
};
