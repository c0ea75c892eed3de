import { oneOf } from '../faults/settings.ts';
import { type DatagramFaultKind, type DatagramStage, unplaced, ways } from './fault.ts';

/** Nothing arrives in the directions that it works on. */
export const blackhole: DatagramFaultKind = {
  kind: 'blackhole',
  begin(settings) {
    const direction = oneOf(settings, 'direction', [...ways, 'both']);
    const tally = { connections: 0, datagrams: 0, bytes: 0 };
    return {
      join() {
        let isCounted = false;
        const hole = (): DatagramStage => ({
          next: unplaced,
          take({ length }) {
            if (!isCounted) tally.connections += 1;
            isCounted = true;
            tally.datagrams += 1;
            tally.bytes += length;
          },
          release() {},
          drop() {},
        });
        return {
          upstream: direction === 'downstream' ? undefined : hole(),
          downstream: direction === 'upstream' ? undefined : hole(),
        };
      },
      counters: () => ({ ...tally }),
    };
  },
};
