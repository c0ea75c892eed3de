import type { BodyFraming } from './body-framing.ts';
import { ChunkScanner } from './chunk-scanner.ts';
import type { Head, StartLine } from './head.ts';
import { HeadReader } from './head-reader.ts';

/** What stands next in the bytes, up to the offset `to`. */
export type Piece<Start> =
  | { kind: 'head-part'; to: number }
  | { kind: 'head'; to: number; head: Head<Start>; framing: BodyFraming }
  | { kind: 'body'; to: number; isLast: boolean }
  | { kind: 'malformed' };

/**
 * Cuts one direction of a connection into heads and bodies. Bodies pass by: nothing of them is kept.
 */
export class MessageReader<Start> {
  readonly #heads: HeadReader<Start>;
  readonly #framingOf: (head: Head<Start>) => BodyFraming | undefined;
  #body: BodyFraming = { kind: 'none' };
  #left = 0;
  #chunks: ChunkScanner | undefined;

  /** @param framingOf how the body behind a head is framed; `undefined` when nobody can tell */
  constructor(startLine: StartLine<Start>, framingOf: (head: Head<Start>) => BodyFraming | undefined) {
    this.#heads = new HeadReader(startLine);
    this.#framingOf = framingOf;
  }

  /** Whether the last message is over and nothing of the next has come. */
  get isBetween(): boolean {
    return this.#body.kind === 'none' && this.#heads.isFresh;
  }

  /** The start line of the head that is being read, once it is whole. */
  get start(): Start | undefined {
    return this.#heads.start;
  }

  /** Whether the body that is being read ends with the connection. */
  get endsWithConnection(): boolean {
    return this.#body.kind === 'until-close';
  }

  /** @param from less than the length of the bytes */
  next(bytes: Buffer, from: number): Piece<Start> {
    switch (this.#body.kind) {
      case 'none':
        return this.#head(bytes, from);
      case 'length': {
        const to = Math.min(bytes.length, from + this.#left);
        this.#left -= to - from;
        return this.#bodyTo(to, this.#left === 0);
      }
      case 'chunked': {
        const found = this.#chunks!.scan(bytes, from);
        return found === 'malformed' ? { kind: 'malformed' } : this.#bodyTo(found.to, found.isOver);
      }
      default:
        return { kind: 'body', to: bytes.length, isLast: false };
    }
  }

  #head(bytes: Buffer, from: number): Piece<Start> {
    const part = this.#heads.read(bytes, from);
    if (part.kind !== 'head') return part;
    const framing = this.#framingOf(part.head);
    if (!framing) return { kind: 'malformed' };
    this.#body = framing;
    this.#left = framing.kind === 'length' ? framing.bytes : 0;
    this.#chunks = framing.kind === 'chunked' ? new ChunkScanner() : undefined;
    return { ...part, framing };
  }

  #bodyTo(to: number, isLast: boolean): Piece<Start> {
    if (isLast) this.#body = { kind: 'none' };
    return { kind: 'body', to, isLast };
  }
}
