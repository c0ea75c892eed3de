import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { ProcessIdentity } from '../../model/operation.ts';

/** A guardian that dies is started again; one that keeps dying guards nothing. */
const mostStarts = 5;

/**
 * The process that performs the undos of a journal when the runner cannot. It holds the other end of a pipe of ours:
 * when we die, however, the kernel closes it.
 */
export class Guardian {
  readonly #entry: string;
  readonly #journal: string;
  readonly #runner: ProcessIdentity;
  readonly #deadlineNs: bigint | undefined;
  #child: ChildProcess;
  readonly #onLost: () => void;
  #dismissed = false;
  #starts = 0;

  /**
   * Its start is not waited for: should we die first, it finds the pipe closed as soon as it comes up.
   * @param deadlineNs on the monotonic clock: a run that is not over by then is stuck, and it ends it
   * @param onLost told when it cannot be kept alive: then nothing may be in force any longer
   */
  constructor(
    entry: string,
    journal: string,
    runner: ProcessIdentity,
    deadlineNs: bigint | undefined,
    onLost: () => void,
  ) {
    this.#deadlineNs = deadlineNs;
    this.#entry = entry;
    this.#journal = journal;
    this.#runner = runner;
    this.#onLost = onLost;
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
    this.#starts += 1;
    const { pid, startTime } = this.#runner;
    const child = spawn(
      process.execPath,
      [this.#entry, this.#journal, String(pid), startTime, String(this.#deadlineNs ?? '')],
      {
        stdio: ['pipe', 'ignore', 'ignore'],
        // Its own session: a Ctrl-C or a hang-up of our terminal does not reach it.
        detached: true,
        cwd: '/',
      },
    );
    if (!child.stdin) throw new Error('the guardian could not be started: no more files can be opened');
    child.stdin.on('error', () => undefined);
    let isOver = false;
    const over = () => {
      if (this.#dismissed || isOver) return;
      isOver = true;
      this.#startAgain();
    };
    // One that could not even be started (no more processes, no more files) never exits.
    child.on('error', over);
    child.once('exit', over);
    child.unref();
    (child.stdin as unknown as { unref(): void }).unref();
    return child;
  }

  #startAgain(): void {
    try {
      if (this.#starts >= mostStarts) throw new Error('it keeps dying');
      this.#child = this.#start();
    } catch {
      this.#onLost();
    }
  }
}
