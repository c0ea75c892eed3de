import type { Completion } from '../protocols/conversation.ts';
import type { AnswerMark, Exchange } from '../protocols/http/exchange.ts';

/** What flows in one direction of a connection. The end and a reset stand in the same row as the bytes: neither overtakes them. */
export type Item =
  | {
      kind: 'bytes';
      bytes: Buffer;
      /** Where answers are complete in these bytes, in rising order; only on links whose protocol is understood. */
      completions?: Completion[];
      /** Where answers of HTTP begin in these bytes, in rising order; only on links with protocol http. */
      answers?: AnswerMark[];
      /** All of these bytes belong to the body of its answer; only when a watcher follows it. */
      bodyOf?: Exchange;
    }
  /** The sender is done (FIN); the other direction goes on. */
  | { kind: 'end' }
  /** The connection broke (RST). */
  | { kind: 'reset' }
  /** The proxy ends the connection here, in both directions, when what stands before this has been sent. */
  | { kind: 'close' };

/** A piece that waits holds about so much beside its bytes: a Buffer, and the objects that know of it. */
const besideBytes = 512;

/** What an item that waits costs in memory: of small pieces more than their bytes. */
export const weightOf = (item: Item): number => sizeOf(item) + besideBytes;

export const sizeOf = (item: Item): number => (item.kind === 'bytes' ? item.bytes.length : 0);
