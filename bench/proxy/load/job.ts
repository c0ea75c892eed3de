/** What the load generator is asked for. Everything goes to 127.0.0.1. */
export type Job =
  /** As much as passes. @returns Rate */
  | { do: 'read' | 'write'; port: number; connections: number; warmMs: number; ms: number }
  /** 64 B there and back, one at a time on each connection. @returns Trips */
  | { do: 'trips'; port: number; connections: number; ms: number }
  /** 64 B so many times a second, whether answers came or not. @returns number[]: how long each took, in ms */
  | { do: 'paced'; port: number; perSecond: number; ms: number }
  /** A new connection for each 64 B there and back, so many at once. @returns number: connections a second */
  | { do: 'connect'; port: number; atOnce: number; count: number }
  /** So many connections, each used once and kept until `release`. */
  | { do: 'hold'; port: number; connections: number }
  | { do: 'release' }
  /** Requests over kept connections, one at a time on each. @returns number: answers a second */
  | { do: 'http'; port: number; connections: number; ms: number };

/** Of all connections together, when the time to warm up is over. */
export interface Rate {
  bytesPerSecond: number;
  /** The same of each second. */
  seconds: number[];
  /** In all, those while it warmed up included. */
  bytes: number;
}

export interface Trips {
  perSecond: number;
  /** In milliseconds. */
  p50: number;
}
