import { type Item, sizeOf, weightOf } from './item.ts';

/** What waits in a stage, in order. It is cut when its time has come, not before: pieces weigh more than their bytes. */
export class Row {
  /** How many bytes wait. */
  bytes = 0;
  /** What they cost in memory. */
  heldBytes = 0;
  #items: Item[] = [];

  get first(): Item | undefined {
    return this.#items[0];
  }

  /** Nothing but bytes is no item: nobody could take a part of it. */
  push(item: Item): void {
    if (item.kind === 'bytes' && item.bytes.length === 0) return;
    this.#items.push(item);
    this.bytes += sizeOf(item);
    this.heldBytes += weightOf(item);
  }

  /** Takes the first item out; of bytes no more than so many. What is known of places in bytes goes with whole items only. */
  take(mostBytes: number): Item {
    const item = this.#items[0]!;
    if (item.kind !== 'bytes' || item.bytes.length <= mostBytes) {
      this.#items.shift();
      this.bytes -= sizeOf(item);
      this.heldBytes -= weightOf(item);
      return item;
    }
    const { bytes, bodyOf } = item;
    const part = (of: Buffer): Item => ({ kind: 'bytes', bytes: of, ...(bodyOf ? { bodyOf } : {}) });
    this.#items[0] = part(bytes.subarray(mostBytes));
    this.bytes -= mostBytes;
    this.heldBytes -= mostBytes;
    return part(bytes.subarray(0, mostBytes));
  }

  /** Takes so many bytes out, item by item. */
  *takeBytes(bytes: number): Generator<Item> {
    let left = bytes;
    while (left > 0 && this.first) {
      const item = this.take(left);
      left -= sizeOf(item);
      yield item;
    }
  }

  takeAll(): Item[] {
    const items = this.#items;
    this.#items = [];
    this.bytes = 0;
    this.heldBytes = 0;
    return items;
  }
}
