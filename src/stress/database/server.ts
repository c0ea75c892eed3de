import type { DatabaseKind } from '../../model/stress-work.ts';

/** What it takes of a kind of database to hold its locks and connections. */
export interface DatabaseServer {
  /** Locks a table in a session of its own. Rejects when that cannot be had within `waitMs`. */
  lock(
    table: string,
    about: { url: string; mode: string; waitMs: number; deadlineMs: number | undefined },
  ): Promise<HeldLock>;
  /** Opens a session that does nothing, and waits no longer than `connectMs` for it. */
  connect(url: string, deadlineMs?: number): Promise<OpenSession>;
  /** Whether a session was refused because there are too many. */
  isFull(error: unknown): boolean;
}

export const connectMs = 10_000;

/** A lock as the server itself sees it, asked from another session. */
export interface HeldLock {
  /** Ids of the sessions that wait for it now. */
  waiting(): Promise<number[]>;
  isHeld(): Promise<boolean>;
}

export interface OpenSession {
  isOpen(): boolean;
  end(): Promise<void>;
}

/** Loads what is needed to speak to it. */
export async function serverOf(kind: DatabaseKind): Promise<DatabaseServer> {
  return kind === 'postgres' ? (await import('./postgres.ts')).postgres : (await import('./mysql.ts')).mysql;
}
