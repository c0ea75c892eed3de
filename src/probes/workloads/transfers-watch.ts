import type { Watch } from './session.ts';
import { Tally } from './tally.ts';

/** Watches over a total. @param before what it was */
export function transfersWatch(before: string | null, accounts: string[]): Watch | { refused: string } {
  const total = before === null ? Number.NaN : amount(before);
  if (Number.isNaN(total)) return { refused: `a total is a number, not ${before ?? 'nothing'}` };
  const tally = new Tally();
  return {
    write() {
      const [from, to] = pair(accounts, tally.writes);
      tally.writes += 1;
      return {
        given: { from, to },
        acknowledged: () => {
          tally.acknowledged += 1;
        },
      };
    },
    read: () => (value, endedMs) => {
      tally.reads += 1;
      const now = value === null ? Number.NaN : amount(value);
      if (now === total) return;
      const change = now - total;
      const what = Number.isNaN(change) ? '' : change < 0 ? ` (${-change} lost)` : ` (${change} made)`;
      tally.accuse(endedMs, `the total is ${value ?? 'gone'}, and was ${before}${what}`);
    },
    result: () => tally.result(),
  };
}

const amount = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

/** The nth pair of different accounts, each in its turn. */
function pair(accounts: string[], n: number): [from: string, to: string] {
  const [from, by] = [n % accounts.length, Math.floor(n / accounts.length) % (accounts.length - 1)];
  return [accounts[from]!, accounts[(from + 1 + by) % accounts.length]!];
}
