import { closeSync, fsyncSync, openSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ProcessIdentity, Undo } from '../../model/operation.ts';
import type { Seen } from '../../model/residue.ts';
import { type Entry, encodeEntry } from './entry.ts';

/** What a later command needs to know of the run that a journal belongs to. */
export interface JournalHeader {
  run: string;
  scenario: string;
  runner: ProcessIdentity;
  /** Which start of the machine it was: pids and start times mean nothing after another. */
  boot: string;
  /** Where the run's `events.ndjson` lies. */
  events: string;
  startedAt: string;
  /** The run's private folder. */
  scratch: string;
  /** What the run harms that other runs might harm, too. */
  claims: string[];
}

/**
 * The undos of one run, written down before the harm they reverse. Append-only: `arm` adds one and is on disk when it
 * resolves, `strike` says that it is done. What is armed and not struck when the runner dies is what the guardian,
 * or `chaos recover`, has to do.
 */
export class Journal {
  readonly file: string;
  readonly #handle: FileHandle;
  #open = new Set<number>();
  #next = 0;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(file: string, handle: FileHandle) {
    this.file = file;
    this.#handle = handle;
  }

  /** @throws when it cannot be written (disk full, no permission): then nothing may be injected */
  static async create(file: string, header: JournalHeader): Promise<Journal> {
    const journal = new Journal(file, await open(file, 'ax', 0o600));
    await journal.#append({ entry: 'run', ...header });
    syncDirectory(dirname(file));
    return journal;
  }

  /** Writes an undo down. Only when this has resolved may the harm be done. @returns its number, for `strike` */
  async arm(undo: Undo, step?: string): Promise<number> {
    const id = this.#next++;
    await this.#append({ entry: 'undo', id, undo, ...(step === undefined ? {} : { step }) });
    this.#open.add(id);
    return id;
  }

  /** What there was before the first fault, for whoever looks after the last undo. */
  async remember(seen: Seen[]): Promise<void> {
    await this.#append({ entry: 'seen', seen });
  }

  /** The undo was done, and seen to be. Not synced, and on a full disk not written: an undo that is done twice is harmless. */
  async strike(id: number): Promise<void> {
    this.#open.delete(id);
    await this.#serially(() => this.#handle.appendFile(encodeEntry({ entry: 'done', id }))).catch(() => undefined);
  }

  /** Removes the journal when nothing is left to undo; else it stays for `chaos recover`. */
  async close(): Promise<void> {
    await this.#queue.catch(() => undefined);
    await this.#handle.close();
    // Somebody else may have removed it: it is gone all the same.
    if (this.#open.size === 0) await rm(this.file, { force: true });
  }

  #append(entry: Entry): Promise<void> {
    return this.#serially(async () => {
      await this.#handle.appendFile(encodeEntry(entry));
      await this.#handle.datasync();
    });
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work, work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}

/** A new file is only found after a power loss when its directory is on disk too. */
function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
