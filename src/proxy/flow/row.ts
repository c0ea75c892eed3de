import { type Item, sizeOf } from './item.ts';

/** What waits in a stage, in order. It is cut when its time has come, not before: pieces weigh more than their bytes. */
export class Row {
  heldBytes = 0;
  #items: Item[] = [];

  get first(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    this.#items.push(item);
    this.heldBytes += sizeOf(item);
  }

  /** Takes the first item out; of bytes no more than so many. What is known of places in bytes goes with whole items only. */
  take(mostBytes: number): Item {
    const item = this.#items[0]!;
    if (item.kind !== 'bytes' || item.bytes.length <= mostBytes) {
      this.#items.shift();
      this.heldBytes -= sizeOf(item);
      return item;
    }
    const { bytes, bodyOf } = item;
    const part = (of: Buffer): Item => ({ kind: 'bytes', bytes: of, ...(bodyOf ? { bodyOf } : {}) });
    this.#items[0] = part(bytes.subarray(mostBytes));
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
    this.heldBytes = 0;
    return items;
  }
}
