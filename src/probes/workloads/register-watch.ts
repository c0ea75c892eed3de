import { brokenOrders, type Operation } from './linearizability.ts';
import type { Watch } from './session.ts';
import { Tally } from './tally.ts';

/** What a read shows that shows nothing. */
const nothing = '';

/** Watches over one value. @param before what stood there */
export function registerWatch(before: string | null): Watch {
  const tally = new Tally();
  const history: Operation[] = [];
  // A number that stood there before is not written again.
  const first = Number.isSafeInteger(Number(before)) && Number(before) > 0 ? Number(before) + 1 : 1;
  return {
    write(begunMs) {
      const value = String(first + tally.writes);
      tally.writes += 1;
      const operation: Operation = { is: 'write', value, begunMs, endedMs: Number.POSITIVE_INFINITY };
      history.push(operation);
      return {
        given: { value },
        acknowledged: (atMs) => {
          tally.acknowledged += 1;
          operation.endedMs = atMs;
        },
      };
    },
    read: (begunMs) => (value, endedMs) => {
      tally.reads += 1;
      history.push({ is: 'read', value: value ?? nothing, begunMs, endedMs });
    },
    result() {
      const found = new Tally();
      Object.assign(found, { writes: tally.writes, acknowledged: tally.acknowledged, reads: tally.reads });
      for (const { atMs, message } of brokenOrders(before ?? nothing, history)) found.accuse(atMs, message);
      return found.result();
    },
  };
}
