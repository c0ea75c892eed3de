import type { Duplex } from 'node:stream';
import type { Failure } from '../http/exchange.ts';
import type { RequestLine } from '../http/head.ts';

/** One stream and what becomes of it. */
export interface StreamExchange {
  request: RequestLine;
  /** By lower-case name, with the authority as `host`; of fields that stand there several times the values are joined by `, `. */
  fields: ReadonlyMap<string, string>;
  /** Set by a watcher when it is asked; who comes first decides. */
  failure: Failure | undefined;
  /** What stands in the way of its answer. */
  readonly obstacles: Obstacles;
}

/** What faults put in the way of an answer. */
export interface Obstacles {
  /** Each is waited for before the answer goes on that has come. */
  readonly holds: (() => Promise<void>)[];
  /** Through what these make the body goes as it comes, while its head is held. */
  readonly atOnce: MakeObstacle[];
  /** Through what these make it goes behind its head. */
  readonly behindHead: MakeObstacle[];
}

/** @param guard where its timers work */
type MakeObstacle = (guard: (work: () => void) => void) => Duplex;

/** A fault's part in the streams of a link. */
export interface StreamWatcher {
  /** A client has opened a stream, and nothing of it has gone to the server. */
  asked(exchange: StreamExchange): void;
  /** A connection passes untouched, since it does not speak HTTP/2 in the clear. */
  lost(): void;
  /** The fault was lifted. */
  left?(): void;
}
