import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A program of this folder in a process of its own, so that load, proxy and servers share no event loop. */
export interface Program<Request, Answer> {
  /** What it said when it was ready. */
  ready: unknown;
  ask(request: Request): Promise<Answer>;
  stop(): Promise<void>;
}

/** @param file in this folder; it serves with {@link serveProgram} */
export async function startProgram<Request, Answer>(file: string): Promise<Program<Request, Answer>> {
  const child = fork(join('scripts', 'run.mjs'), [join('bench', 'proxy', file)]);
  const exit = once(child, 'exit');
  const failed = exit.then(([code]) => {
    throw new Error(`${file} ended with ${code}`);
  });
  failed.catch(() => {}); // of interest only to who waits for an answer
  const answer = async () => (await Promise.race([once(child, 'message'), failed]))[0];
  return {
    ready: await answer(),
    async ask(request) {
      child.send(request as object);
      return (await answer()) as Answer;
    },
    async stop() {
      child.disconnect();
      await exit;
    },
  };
}

/** One request after the other. @param ready what is told to whoever started this program */
export function serveProgram<Request>(ready: object, answer: (request: Request) => Promise<unknown>): void {
  process.on('message', (request) => {
    void answer(request as Request).then((one) => process.send!(one ?? null));
  });
  process.on('disconnect', () => process.exit(0));
  process.send!(ready);
}
