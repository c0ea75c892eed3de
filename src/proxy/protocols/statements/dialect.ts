import { behindComments } from './comments.ts';

/**
 * How the statements of a protocol are told apart and made to fail. A statement that is to fail is replaced on its way by
 * one that cannot succeed, so that the server itself refuses it and client and server stay of one mind (a transaction
 * that is aborted, messages that are skipped, replies that come in order); only the text of its error is changed.
 */
export interface Dialect {
  /** What a client's message is that begins with these bytes. `unknown`: no statement, and of a length that is not known yet. */
  request(bytes: Buffer): Request | 'part' | 'unknown';
  /** A later statement may have to be amended because of one that failed. */
  readonly hasToAmend?: boolean;
  /** What an answer, or a part of one, is that begins with these bytes. `part`: there is too little of it to tell. */
  answer(bytes: Buffer): { length: number; isError: boolean } | 'part';
  /** @param original the server's own error, whole */
  error(original: Buffer, error: ErrorAnswer): Buffer;
  /** Whether the client opens its session with these bytes; `undefined`: the server speaks first. */
  opensSession?(bytes: Buffer): boolean;
  /** What a server says that takes no more sessions. */
  refusal(error: ErrorAnswer): Buffer;
}

/** A message of a client. */
export interface Request {
  length: number;
  statement?: {
    /** The beginning of its text; `undefined` when it is not known. */
    text: string | undefined;
    /** @returns what to send instead, which the server refuses with an error in which `name` stands */
    failing(name: string): Buffer;
    /** What to send instead of its first bytes when it passes, if the server would not understand it as it is. */
    amended?(): { bytes: Buffer; replaces: number } | undefined;
  };
}

/** An error as a server of the protocol words it. */
export interface ErrorAnswer {
  /** SQLSTATE of PostgreSQL, number of MySQL, first word of Redis. */
  code: string;
  /** SQLSTATE of MySQL. */
  state: string;
  message: string;
}

/**
 * What ends a transaction passes: were it to fail, the transaction would stay open, as with no real server.
 * @param areNested whether comments of the server are
 */
export const endsTransaction = (statement: string | undefined, areNested: boolean): boolean =>
  statement !== undefined &&
  /^\s*(?:commit|rollback|abort|end)\b/i.test(behindComments(statement, areNested) ?? statement);
