import { nameProcess } from '../host/name-process.ts';
import type { Report, Request } from './message.ts';
import { Sampling } from './sampling.ts';

/**
 * The sampler: `sampler RUN ORIGIN_NS`, with an IPC channel to the runner. A process of its own, so that no fault and no
 * drawing disturbs the clock of what measures; in a session of its own (`client.ts`), so that a Ctrl-C in the terminal
 * does not end the measuring before the runner has. It ends when the channel closes, however the runner dies.
 */
function main(run: string, originNs: bigint): void {
  nameProcess('chaos-sampler');
  const now = () => Number(process.hrtime.bigint() - originNs) / 1e6;
  const report = (message: Report) => {
    // It cannot be sent when the runner is gone; 'disconnect' says so too.
    if (process.connected) process.send!(message, undefined, undefined, () => {});
  };
  const sampling = new Sampling({
    run,
    now,
    tell: (probe, samples) => report({ type: 'samples', probe, samples }),
    trip: (tripped) => report({ type: 'tripped', ...tripped }),
  });

  // Somebody signals whole groups of processes; what a signal means is the runner's to say.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

  let isEnding = false;
  const end = () => {
    if (isEnding) return;
    isEnding = true;
    // Programs have their time to end; then nothing keeps us.
    setTimeout(() => process.exit(0), endingLimitMs);
    void sampling.close().finally(() => process.exit(0));
  };
  process.on('disconnect', end);
  process.on('message', (request: Request) => {
    if (request.type === 'close') return end();
    answer(sampling, request).then(
      (result) => report({ type: 'done', request: request.request, result }),
      (error: Error) => report({ type: 'failed', request: request.request, message: error.message }),
    );
  });
  report({ type: 'ready' });
}

/** runCommand's own grace is 2 s between TERM and KILL. */
const endingLimitMs = 2800;

type Answered = Exclude<Request, { type: 'close' }>;
async function answer(sampling: Sampling, request: Answered): Promise<Extract<Report, { type: 'done' }>['result']> {
  switch (request.type) {
    case 'start':
      return await sampling.start(request.probes, request.watch);
    case 'heard':
      sampling.heard();
      return null;
    case 'once':
      return await sampling.once(request.spec);
    case 'verify':
      return await sampling.verify(request.probe);
    case 'stop-sampling':
      await sampling.stopSampling();
      return null;
  }
}

const [run, originNs] = process.argv.slice(2);
if (run === undefined || originNs === undefined || !process.send) {
  console.error('the sampler is started by `chaos run`');
  process.exit(2);
}
main(run, BigInt(originNs));
