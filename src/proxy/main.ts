import { nameProcess } from '../host/name-process.ts';
import { serveControl } from './control/server.ts';
import { Links } from './links/links.ts';
import { Deadlines } from './time/deadlines.ts';

/**
 * The fault proxy: `proxy SOCKET`. A process of its own that carries all proxied links of one run, away from the
 * runner's event loop. It says `ready` on stdout once it listens for control on SOCKET, and ends when its stdin does:
 * whoever holds the other end need only die, and every port is free and every fault gone.
 */
async function main(socketPath: string): Promise<void> {
  nameProcess('chaos-proxy');
  const deadlines = new Deadlines();
  const links = new Links(deadlines);

  let control: Awaited<ReturnType<typeof serveControl>> | undefined;
  const end = () => {
    control?.close(); // removes the socket file
    links.close();
    // What is written went to the kernel already, which sends it without us.
    setImmediate(() => process.exit(0));
  };
  // What a signal means is the runner's to say; the pipe from it is our leash.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => {});
  process.stdin.on('end', end).on('error', end).resume();
  // Nobody may read what we say any more; that is no reason to stop.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});

  control = await serveControl(socketPath, links);
  process.stdout.write('ready\n');
}

const socketPath = process.argv[2];
if (socketPath === undefined) {
  console.error('usage: proxy SOCKET');
  process.exit(2);
}
main(socketPath).catch((error: NodeJS.ErrnoException) => {
  console.error(error.syscall === 'listen' ? `cannot listen for control on ${socketPath}: ${error.message}` : error);
  process.exit(1);
});
