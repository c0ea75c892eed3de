import { chance } from '../../model/chance.ts';
import { numberWithin, oneOf, textOf } from '../faults/settings.ts';
import { flipBit } from '../flow/flip-bit.ts';
import { type DatagramFaultKind, type DatagramStage, unplaced, ways } from './fault.ts';

/**
 * Something happens to each datagram by chance.
 * @param become what is sent in its place; `undefined` when it cannot be hit, and stays as it is
 */
const byChance = (
  kind: string,
  become: (datagram: Buffer, draw: () => number) => Buffer[] | undefined,
): DatagramFaultKind => ({
  kind,
  begin(settings) {
    const rate = numberWithin(settings, 'rate', 0, 1);
    const direction = oneOf(settings, 'direction', [...ways, 'both']);
    const seed = textOf(settings, 'seed');
    const tally = { datagrams: 0, bytes: 0, hit: 0 };
    return {
      join({ number }) {
        const stage = (way: string): DatagramStage | undefined => {
          if (direction !== 'both' && direction !== way) return undefined;
          const draw = chance(`${seed}/${number}/${way}`);
          return passing((datagram) => {
            tally.datagrams += 1;
            tally.bytes += datagram.length;
            const others = draw() < rate ? become(datagram, draw) : undefined;
            if (others) tally.hit += 1;
            return others ?? [datagram];
          });
        };
        return { upstream: stage('upstream'), downstream: stage('downstream') };
      },
      counters: () => ({ ...tally }),
    };
  },
});

/** A stage that holds nothing. */
function passing(become: (datagram: Buffer) => Buffer[]): DatagramStage {
  const stage: DatagramStage = {
    next: unplaced,
    take(datagram) {
      for (const one of become(datagram)) stage.next(one);
    },
    release() {},
    drop() {},
  };
  return stage;
}

/** They vanish. */
export const loss = byChance('loss', () => []);

/** They arrive twice. */
export const duplicate = byChance('duplicate', (datagram) => [datagram, Buffer.from(datagram)]);

/** They arrive with one bit flipped. */
export const corrupt = byChance('corrupt', (datagram, draw) => {
  if (datagram.length === 0) return undefined;
  flipBit(datagram, draw);
  return [datagram];
});
