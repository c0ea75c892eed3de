import { Fuse } from '../flow/fuse.ts';
import type { FaultKind } from './fault.ts';
import { numberWithin, oneOf } from './settings.ts';

/** So many bytes of each connection pass in its direction, counted from when the fault came to it; then it is closed. */
export const limitData: FaultKind = {
  kind: 'limit-data',
  begin(first) {
    let bytes = numberWithin(first, 'bytes', 0, Number.MAX_VALUE);
    const direction = oneOf(first, 'direction', ['upstream', 'downstream']);
    const tally = { connections: 0, closed: 0 };
    const close = ({ next }: Fuse) => {
      tally.closed += 1;
      next.take({ kind: 'close' });
    };
    return {
      join() {
        tally.connections += 1;
        return {
          near: 'wire',
          upstream: undefined,
          downstream: undefined,
          [direction]: new Fuse(() => bytes, close),
        };
      },
      change(settings) {
        bytes = numberWithin(settings, 'bytes', 0, Number.MAX_VALUE);
      },
      counters: () => ({ ...tally }),
    };
  },
};
