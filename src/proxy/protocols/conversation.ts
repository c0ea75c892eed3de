import type { Dialect } from './statements/dialect.ts';

/**
 * Follows what client and server of one connection say, from the first byte on, so that a fault that comes later finds
 * a known state. It only reads: bytes pass whatever they are.
 */
export interface Conversation {
  /** What can be seen of it. What is not `clear` passes untouched for the rest of the connection. */
  readonly sight: Sight;
  readonly dialect: Dialect;
  /** The server gets these bytes now. */
  toServer(bytes: Buffer, at: Moment): void;
  /** These bytes came from the server now. @returns where answers are complete in them, if anywhere */
  fromServer(bytes: Buffer, at: Moment): Completion[] | undefined;
  /** How many bytes at least, behind those heard, belong to the same message; 0: what comes next begins one. */
  bytesLeftOf(side: 'client' | 'server'): number;
}

/**
 * `encrypted`: TLS or GSSAPI. `compressed`: by the protocol's own means. `replication`: a stream, not queries.
 * `subscription`: the server speaks without being asked. `malformed`: not what the protocol says.
 */
export type Sight = 'clear' | Blindness;
export const blindnesses = ['encrypted', 'compressed', 'replication', 'subscription', 'malformed'] as const;
export type Blindness = (typeof blindnesses)[number];

export interface Moment {
  ms: number;
  /** The same clock, but stopped while the server could not go on because its client did not read. */
  serverMs: number;
}

/** Where the answer to one piece of the server's work is complete. */
export interface Completion {
  /** In the bytes: what comes before it belongs to the answer, but is not the end of it. */
  offset: number;
  /** `commit`: what the server still did after an answer, before it was ready for more. */
  work: 'query' | 'commit';
  /** The beginning of its text, a commit has that of the statement before it; `undefined` when it is not known. */
  statement: string | undefined;
  /** When the server had the whole request. */
  gotMs: number;
  /** How long it worked on it: a request that came early waits for the one before it, which is not work. */
  workMs: number;
}
