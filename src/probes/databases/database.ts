import type { Answer } from '../../model/probe.ts';
import { oneLine } from '../reasons/one-line.ts';

/** What came back: values as the server writes them, for what a type means is not ours to guess. */
export type Rows = (string | null)[][];

/** A pool of connections to a database, and how it is asked. `Question`: SQL, or the words of a command. */
export interface Database<Question> {
  /** Rejects with what `failure` puts in words. `signal` ends it, and the connection with it. */
  ask(question: Question, signal: AbortSignal): Promise<Rows>;
  /** Why there was no answer. No password stands in it. */
  failure(error: unknown): Exclude<Answer, { good: true }>;
  close(): Promise<void>;
}

/** Takes a password out of a reason, should a server have told it back. */
export function withoutSecret<A extends Exclude<Answer, { good: true }>>(answer: A, secret: unknown): A {
  if (typeof secret !== 'string' || secret === '') return answer;
  return { ...answer, reason: oneLine(answer.reason.replaceAll(secret, '***')) };
}

/** The password in a connection URL, as it is sent. */
export function passwordIn(url: string): string {
  const { password } = new URL(url);
  try {
    return decodeURIComponent(password);
  } catch {
    return password; // a % that begins nothing
  }
}
