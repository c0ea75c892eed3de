import { readFileSync } from 'node:fs';

/** A TCP socket of this network namespace that waits for connections. */
interface Listener {
  family: 4 | 6;
  port: number;
  inode: string;
}

/** Every one there is. @see man 5 proc, /proc/net/tcp */
export const listeners = (): Listener[] => [...listenersIn('/proc/net/tcp', 4), ...listenersIn('/proc/net/tcp6', 6)];

const listening = '0A';
const unconnected = '07';

/** The ports at which UDP sockets of this network namespace hear whoever sends. */
export const datagramPorts = (): number[] =>
  ['/proc/net/udp', '/proc/net/udp6'].flatMap((table) => socketsIn(table, unconnected).map(portOf));

const listenersIn = (table: string, family: Listener['family']): Listener[] =>
  socketsIn(table, listening).map((columns) => ({ family, port: portOf(columns), inode: columns[9]! }));

/** @returns the columns of each */
const socketsIn = (table: string, state: string): string[][] =>
  textOf(table)
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === state);

const portOf = (columns: string[]): number => Number.parseInt(columns[1]!.split(':')[1]!, 16);

/** How many TCP sockets this network namespace has: told in microseconds, where listing them takes milliseconds. */
export const tcpSocketsInUse = (): string =>
  ['/proc/net/sockstat', '/proc/net/sockstat6'].map((file) => /^TCP6?: inuse \d+/m.exec(textOf(file))?.[0]).join();

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // a kernel without that family
  }
}
