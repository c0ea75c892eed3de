import type { Watch } from './session.ts';
import { Tally } from './tally.ts';

/** Watches over a counter. @param before what stood there; nothing is 0 */
export function counterWatch(before: string | null): Watch | { refused: string } {
  const base = before === null ? 0 : wholeNumber(before);
  if (base === undefined) return { refused: `a counter is a whole number, not ${before}` };
  const tally = new Tally();
  let highest = base;
  return {
    write() {
      tally.writes += 1;
      return {
        given: {},
        acknowledged: () => {
          tally.acknowledged += 1;
        },
      };
    },
    read() {
      const [least, shownBefore] = [base + tally.acknowledged, highest];
      return (value, endedMs) => {
        tally.reads += 1;
        const count = value === null ? 0 : wholeNumber(value);
        if (count === undefined) return tally.accuse(endedMs, `shows ${value}, which is no whole number`);
        const most = base + tally.writes;
        if (count < shownBefore) tally.accuse(endedMs, `went back from ${shownBefore} to ${count}`);
        else if (count < least)
          tally.accuse(endedMs, `shows ${count}, though ${least} were acknowledged before it was read`);
        else if (count > most) tally.accuse(endedMs, `shows ${count}, though no more than ${most} were asked for`);
        highest = Math.max(highest, count);
      };
    },
    result: () => tally.result(),
  };
}

const wholeNumber = (text: string): number | undefined => {
  const number = Number(text);
  return text.trim() !== '' && Number.isSafeInteger(number) ? number : undefined;
};
