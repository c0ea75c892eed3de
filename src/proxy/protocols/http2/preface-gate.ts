import type { Item } from '../../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../../flow/stage.ts';

/** What a client of HTTP/2 says first. @see RFC 9113, section 3.4 */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** What a client turned out to speak, by its first bytes. */
export type Spoken = 'http2' | 'something-else' | 'nothing';

/** Holds the first bytes of a client until they tell what it speaks; then it is to be taken out. */
export class PrefaceGate implements Stage {
  next: Receiver = unplaced;
  readonly #onKnown: (spoken: Spoken) => void;
  #held = nothing;

  constructor(onKnown: (spoken: Spoken) => void) {
    this.#onKnown = onKnown;
  }

  get heldBytes(): number {
    return this.#held.length;
  }

  take(item: Item): void {
    if (item.kind === 'bytes') this.#held = Buffer.concat([this.#held, item.bytes]);
    const { length } = this.#held;
    const isPreface = this.#held.subarray(0, preface.length).equals(preface.subarray(0, length));
    if (item.kind === 'bytes' && isPreface && length < preface.length) return;
    this.#onKnown(length === 0 ? 'nothing' : isPreface && length >= preface.length ? 'http2' : 'something-else');
    if (item.kind !== 'bytes') this.next.take(item);
  }

  release(): void {
    const bytes = this.#held;
    this.#held = nothing;
    if (bytes.length > 0) this.next.take({ kind: 'bytes', bytes });
  }

  drop(): void {
    this.#held = nothing;
  }
}

const nothing = Buffer.alloc(0);
