import { chance } from '../../model/chance.ts';
import { flipBit } from '../flow/flip-bit.ts';
import type { Item } from '../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { FaultKind } from './fault.ts';
import { segmentBytes } from './flight.ts';
import { numberWithin, oneOf, textOf } from './settings.ts';

/** Bytes arrive wrong: of each segment that is hit, by chance, one bit is flipped. */
export const corrupt: FaultKind = {
  kind: 'corrupt',
  begin(settings) {
    const rate = numberWithin(settings, 'rate', 0, 1);
    const direction = oneOf(settings, 'direction', ['upstream', 'downstream', 'both']);
    const seed = textOf(settings, 'seed');
    const tally = { connections: 0, segments: 0, bytes: 0, hit: 0 };
    return {
      join(connection) {
        tally.connections += 1;
        const stage = (way: 'upstream' | 'downstream') =>
          direction === 'both' || direction === way
            ? new Broken({ rate, draw: chance(`${seed}/${connection.number}/${way}`), tally })
            : undefined;
        return { near: 'wire', upstream: stage('upstream'), downstream: stage('downstream') };
      },
      counters: () => ({ ...tally }),
    };
  },
};

interface About {
  rate: number;
  draw(): number;
  tally: { segments: number; bytes: number; hit: number };
}

class Broken implements Stage {
  next: Receiver = unplaced;
  readonly heldBytes = 0;
  readonly #about: About;

  constructor(about: About) {
    this.#about = about;
  }

  take(item: Item): void {
    this.next.take(item.kind === 'bytes' ? { ...item, bytes: this.#spoilt(item.bytes) } : item);
  }

  release(): void {}

  drop(): void {}

  #spoilt(bytes: Buffer): Buffer {
    const { rate, draw, tally } = this.#about;
    tally.bytes += bytes.length;
    let spoilt: Buffer | undefined;
    for (let from = 0; from < bytes.length; from += segmentBytes) {
      tally.segments += 1;
      if (draw() >= rate) continue;
      tally.hit += 1;
      spoilt ??= Buffer.from(bytes); // who sent them may still need them
      flipBit(spoilt.subarray(from, from + segmentBytes), draw);
    }
    return spoilt ?? bytes;
  }
}
