import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { ProcessIdentity } from '../../model/operation.ts';

/**
 * The process that performs the undos of a journal when the runner cannot. It holds the other end of a pipe of ours:
 * when we die, however, the kernel closes it.
 */
export class Guardian {
  readonly #entry: string;
  readonly #journal: string;
  readonly #runner: ProcessIdentity;
  #child: ChildProcess;
  #dismissed = false;

  /** Its start is not waited for: should we die first, it finds the pipe closed as soon as it comes up. */
  constructor(entry: string, journal: string, runner: ProcessIdentity) {
    this.#entry = entry;
    this.#journal = journal;
    this.#runner = runner;
    this.#child = this.#start();
  }

  /** Our end of the pipe. An injecting command inherits it, so that the guardian does not undo while it injects. */
  get lifeline(): Writable {
    return this.#child.stdin!;
  }

  /** The journal is closed and nothing is left to guard. */
  dismiss(): void {
    this.#dismissed = true;
    this.#child.kill('SIGKILL');
  }

  #start(): ChildProcess {
    const { pid, startTime } = this.#runner;
    const child = spawn(process.execPath, [this.#entry, this.#journal, String(pid), startTime], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // Its own session: a Ctrl-C or a hang-up of our terminal does not reach it.
      detached: true,
      cwd: '/',
    });
    child.stdin!.on('error', () => undefined);
    child.on('error', () => undefined);
    child.once('exit', () => {
      if (!this.#dismissed) this.#child = this.#start();
    });
    child.unref();
    (child.stdin as unknown as { unref(): void }).unref();
    return child;
  }
}
