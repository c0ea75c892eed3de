import type { LedgerEntry, LedgerResult, StaleEntry } from '../../model/event.ts';

/**
 * What was written, and what became of it. Entries are numbered, so that each costs 16 bytes: 14 MB for ten a second
 * through a whole day.
 */
export class Entries {
  readonly #prefix: string;
  readonly #begunMs: number[] = [];
  /** When entry n was acknowledged, or NaN. */
  readonly #acknowledgedMs: number[] = [];
  /** When the first reading began that missed an entry, though it was acknowledged before. */
  readonly #missedMs = new Map<number, number>();

  /** @param prefix of every id: this ledger's own, safe in a URL and in SQL */
  constructor(prefix: string) {
    this.#prefix = `${prefix}-`;
  }

  /** @returns the number of a new entry */
  add(atMs: number): number {
    this.#begunMs.push(atMs);
    return this.#acknowledgedMs.push(Number.NaN) - 1;
  }

  /** Ids sort in the order of writing (up to ten million of them). */
  id(entry: number): string {
    return `${this.#prefix}${String(entry).padStart(7, '0')}`;
  }

  acknowledge(entry: number, atMs: number): void {
    this.#acknowledgedMs[entry] = atMs;
  }

  /** Remembers what a reading during the run missed. @param begunMs when it began: what was acknowledged before has to be there */
  readDuringRun(ids: Iterable<string>, begunMs: number): void {
    const times = this.#timesThere(this.#mine(ids));
    for (const [entry, atMs] of this.#acknowledgedMs.entries())
      if (atMs < begunMs && times[entry] === 0 && !this.#missedMs.has(entry)) this.#missedMs.set(entry, begunMs);
  }

  /** @param ids of all that is there now; those that are not of this ledger are of no concern */
  compare(ids: Iterable<string>): LedgerResult {
    const times = this.#timesThere(this.#mine(ids));
    const lost = new CappedList<LedgerEntry>();
    const duplicated = new CappedList<LedgerEntry>();
    let [acknowledged, kept, unacknowledgedPresent] = [0, 0, 0];
    for (const [entry, atMs] of this.#acknowledgedMs.entries()) {
      const there = times[entry]!;
      if (Number.isNaN(atMs)) {
        if (there > 0) unacknowledgedPresent += 1;
        continue;
      }
      acknowledged += 1;
      if (there === 1) kept += 1;
      else (there === 0 ? lost : duplicated).add({ id: this.id(entry), atMs });
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

  /** @param ids of all that is there now, in their order */
  order(ids: Iterable<string>): Pick<LedgerResult, 'outOfOrder' | 'outOfOrderCount'> {
    const found = new CappedList<LedgerEntry>();
    let latestBegunMs = Number.NEGATIVE_INFINITY;
    for (const entry of this.#mine(ids)) {
      const atMs = this.#acknowledgedMs[entry]!;
      // Writes that overlapped may stand in either order.
      if (atMs < latestBegunMs) found.add({ id: this.id(entry), atMs });
      latestBegunMs = Math.max(latestBegunMs, this.#begunMs[entry]!);
    }
    return { outOfOrder: found.entries, outOfOrderCount: found.count };
  }

  /** @param ids of all that is there now: what is lost was not stale */
  stale(ids: Iterable<string>): Pick<LedgerResult, 'stale' | 'staleCount'> {
    const times = this.#timesThere(this.#mine(ids));
    const found = new CappedList<StaleEntry>();
    for (const [entry, missedMs] of this.#missedMs)
      if (times[entry]! > 0) found.add({ id: this.id(entry), atMs: this.#acknowledgedMs[entry]!, missedMs });
    return { stale: found.entries, staleCount: found.count };
  }

  #timesThere(entries: Iterable<number>): Uint32Array {
    const times = new Uint32Array(this.#acknowledgedMs.length);
    for (const entry of entries) times[entry]! += 1;
    return times;
  }

  /** The entries of this ledger among those with such ids, in their order. */
  *#mine(ids: Iterable<string>): Iterable<number> {
    for (const id of ids) {
      if (!id.startsWith(this.#prefix)) continue;
      const entry = Number(id.slice(this.#prefix.length));
      // Written anew, because as a number `1e3` and ` 7` would pass as well.
      if (Number.isInteger(entry) && entry >= 0 && entry < this.#acknowledgedMs.length && this.id(entry) === id)
        yield entry;
    }
  }
}

const mostListed = 100;

class CappedList<T> {
  readonly entries: T[] = [];
  count = 0;

  add(entry: T): void {
    this.count += 1;
    if (this.entries.length < mostListed) this.entries.push(entry);
  }
}
