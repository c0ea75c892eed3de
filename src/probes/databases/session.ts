import type { Decoded } from '../../model/field.ts';
import type { Answer, ProbeSession } from '../../model/probe.ts';
import { oneLine } from '../reasons/one-line.ts';
import type { Database, Rows } from './database.ts';
import type { rowsExpectation } from './fields.ts';

type Expectation = Decoded<typeof rowsExpectation>;

/** Asks the same question again and again. */
export function questionSession<Question>(
  database: Database<Question>,
  question: Question,
  expect: Expectation,
): ProbeSession {
  return {
    async sample(signal) {
      try {
        return judge(await database.ask(question, signal), expect);
      } catch (error) {
        return database.failure(error);
      }
    },
    close: () => database.close(),
  };
}

function judge(rows: Rows, expect: Expectation): Answer {
  if (expect.rows !== undefined && rows.length !== expect.rows)
    return { good: false, reason: `${rows.length} rows, expected ${expect.rows}` };
  if (expect.value === undefined) return { good: true };
  if (rows.length === 0 || rows[0]!.length === 0)
    return { good: false, reason: oneLine(`no row, expected ${JSON.stringify(expect.value)}`) };
  const value = rows[0]![0]!;
  if (equals(value, expect.value)) return { good: true };
  return { good: false, reason: oneLine(`${JSON.stringify(value)}, expected ${JSON.stringify(expect.value)}`) };
}

/** PostgreSQL writes truth as `t`, MySQL as `1`; Redis knows none. */
const truths: Readonly<Record<string, boolean>> = { t: true, f: false, '1': true, '0': false };

function equals(written: string | null, expected: string | number | boolean): boolean {
  if (written === null) return false;
  if (typeof expected === 'boolean') return Object.hasOwn(truths, written) && truths[written] === expected;
  return typeof expected === 'number' ? written.trim() !== '' && Number(written) === expected : written === expected;
}
