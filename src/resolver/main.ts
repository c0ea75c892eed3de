import { nameProcess } from '../host/name-process.ts';
import { serveControl } from '../proxy/control/server.ts';
import { Resolver } from './resolver.ts';

/**
 * The resolver of a run: `resolver SOCKET`. It is steered as the fault proxy is, over SOCKET, and says `ready` once it
 * listens there. When its stdin ends, every fault does. It then goes on handing messages on for as long as the kernel
 * may still redirect them here: a host whose queries go nowhere would be harmed worse than it was meant to be.
 */
async function main(socketPath: string): Promise<void> {
  nameProcess('chaos-resolver');
  const resolver = new Resolver();
  let control: Awaited<ReturnType<typeof serveControl>> | undefined;
  const end = () => {
    control?.close(); // removes the socket file
    resolver.close();
    process.exit(0);
  };
  const lift = () => {
    const redirectedMs = resolver.lift();
    if (redirectedMs === 0) end();
    else setTimeout(end, redirectedMs);
  };
  // What these mean is the runner's to say.
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => undefined);
  process.on('SIGTERM', end);
  process.stdin.on('end', lift).on('error', lift).resume();
  // Nobody may read what we say any more; that is no reason to stop.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  control = await serveControl(socketPath, resolver);
  process.stdout.write('ready\n');
}

const socketPath = process.argv[2];
if (socketPath === undefined) {
  console.error('usage: resolver SOCKET');
  process.exit(2);
}
main(socketPath).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
