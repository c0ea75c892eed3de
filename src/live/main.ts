import { setTimeout as delay } from 'node:timers/promises';
import { nameProcess } from '../host/name-process.ts';
import { isAlive } from '../host/processes.ts';
import { signalProcess } from '../host/signal.ts';
import { serveLive } from './server.ts';
import { Tail } from './tail.ts';

/**
 * The live page: `live EVENTS PORT PID START_TIME`, with an IPC channel to the command line. A process of its own: whoever
 * watches does not disturb the run. It knows of the run what its log says. When the run is over, or its runner dead, it
 * stays until the page has seen that, for a few seconds at most.
 */
async function main(events: string, port: number, runner: { pid: number; startTime: string }): Promise<void> {
  nameProcess('chaos-live');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => undefined);
  const tail = new Tail(events);
  const live = await serveLive(tail, port, () => signalProcess(runner, 'SIGTERM'));
  process.send?.({ url: live.url });
  process.once('disconnect', async () => {
    for (let left = lingerMs; left > 0 && !live.hasToldEnd; left -= lookEveryMs) await delay(lookEveryMs);
    process.exit(0);
  });
  if (!isAlive(runner)) process.exit(0);
}

const lingerMs = 3000;
const lookEveryMs = 50;

const [events, port, pid, startTime] = process.argv.slice(2);
if (startTime === undefined || !process.send) {
  console.error('the live page is served by `chaos run --live`');
  process.exit(2);
}
main(events!, Number(port), { pid: Number(pid), startTime }).catch((error: Error) => {
  process.send?.({ error: error.message }, undefined, undefined, () => process.exit(1));
});
