import { nameProcess } from '../host/name-process.ts';
import { serveInside } from './inside.ts';
import type { RelaySettings } from './message.ts';
import { serveOutside } from './outside.ts';

/*
 * What connects a process in a network namespace of its own with this machine. Two processes, each of which accepts
 * connections where it lives and hands their sockets to the other, who lives where they go:
 *
 *   client ─▶ 127.0.0.1:7080 ─ outside ──(socket)──▶ inside ─▶ lo of the namespace ─▶ process
 *   process ─▶ lo of the namespace ─▶ inside ──(socket)──▶ outside ─▶ 127.0.0.1:5432
 *
 * Whatever the process sends and gets passes that loopback interface, on which faults work. The namespace is there for as
 * long as the half inside is, so a process that is started again finds its network as it was.
 */

const [half, settings] = process.argv.slice(2) as ['outside' | 'inside', string];
nameProcess(half === 'inside' ? 'chaos-relay-in' : 'chaos-relay');
// Who is asked to end may; a Ctrl-C at the terminal is the runner's.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => undefined);
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const decoded = JSON.parse(settings) as RelaySettings;
if (half === 'inside')
  serveInside(decoded).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`, () => process.exit(1));
  });
else serveOutside(decoded, process.argv[1]!);
