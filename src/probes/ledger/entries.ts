import type { LedgerEntry, LedgerResult } from '../../model/event.ts';

/**
 * What was written, and what became of it. Entries are numbered, so that each costs 8 bytes: 7 MB for ten a second
 * through a whole day.
 */
export class Entries {
  readonly #prefix: string;
  /** When entry n was acknowledged, or NaN. */
  readonly #acknowledgedMs: number[] = [];

  /** @param prefix of every id: this ledger's own, safe in a URL */
  constructor(prefix: string) {
    this.#prefix = `${prefix}-`;
  }

  /** @returns the number of a new entry */
  add(): number {
    return this.#acknowledgedMs.push(Number.NaN) - 1;
  }

  /** Ids sort in the order of writing (up to ten million of them). */
  id(entry: number): string {
    return `${this.#prefix}${String(entry).padStart(7, '0')}`;
  }

  acknowledge(entry: number, atMs: number): void {
    this.#acknowledgedMs[entry] = atMs;
  }

  /** @param ids of all that is there now; those that are not of this ledger are of no concern */
  compare(ids: Iterable<string>): LedgerResult {
    const timesThere = this.#timesThere(ids);
    const lost = new CappedList();
    const duplicated = new CappedList();
    let [acknowledged, kept, unacknowledgedPresent] = [0, 0, 0];
    for (const [entry, atMs] of this.#acknowledgedMs.entries()) {
      const times = timesThere[entry]!;
      if (Number.isNaN(atMs)) {
        if (times > 0) unacknowledgedPresent += 1;
        continue;
      }
      acknowledged += 1;
      if (times === 1) kept += 1;
      else (times === 0 ? lost : duplicated).add({ id: this.id(entry), atMs });
    }
    return {
      written: this.#acknowledgedMs.length,
      acknowledged,
      kept,
      lost: lost.entries,
      lostCount: lost.count,
      duplicated: duplicated.entries,
      duplicatedCount: duplicated.count,
      unacknowledgedPresent,
    };
  }

  #timesThere(ids: Iterable<string>): Uint32Array {
    const times = new Uint32Array(this.#acknowledgedMs.length);
    for (const id of ids) {
      if (!id.startsWith(this.#prefix)) continue;
      const entry = Number(id.slice(this.#prefix.length));
      // Written anew, because as a number `1e3` and ` 7` would pass as well.
      if (Number.isInteger(entry) && entry >= 0 && entry < times.length && this.id(entry) === id) times[entry]! += 1;
    }
    return times;
  }
}

const mostListed = 100;

class CappedList {
  readonly entries: LedgerEntry[] = [];
  count = 0;

  add(entry: LedgerEntry): void {
    this.count += 1;
    if (this.entries.length < mostListed) this.entries.push(entry);
  }
}
