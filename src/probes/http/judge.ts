import { isDeepStrictEqual } from 'node:util';
import type { Decoded } from '../../model/field.ts';
import type { JsonValue } from '../../model/json.ts';
import type { Answer } from '../../model/probe.ts';
import { compileJsonPath, type JsonPath } from '../json/compile.ts';
import { oneLine } from '../reasons/one-line.ts';
import type { HttpAnswer } from './client.ts';
import type { httpExpectation } from './fields.ts';

type Expectation = Decoded<typeof httpExpectation>;
type Status = number | string;
interface JsonExpectation {
  written: string;
  path: JsonPath;
  value: JsonValue;
}

/**
 * Makes an expectation ready to judge answers by.
 * @throws when a path is no JSONPath
 */
export async function judgeBy(expect: Expectation): Promise<(answer: HttpAnswer) => Answer> {
  const statuses = Array.isArray(expect.status) ? expect.status : [expect.status];
  const values: JsonExpectation[] = [];
  for (const [written, value] of Object.entries(expect.json ?? {}))
    values.push({ written, path: await compileJsonPath(written), value });
  const { contains } = expect;
  return (answer) =>
    judgeStatus(answer, statuses) ??
    (contains === undefined ? undefined : judgeText(answer, contains)) ??
    (values.length === 0 ? undefined : judgeJson(answer, values)) ?? { good: true };
}

/** Each of these: `undefined` when nothing speaks against the answer. */
type Objection = Exclude<Answer, { good: true }> | undefined;

const bad = (reason: string): Objection => ({ good: false, reason: oneLine(reason) });
const notLookedAt: Objection = { unmeasured: true, reason: 'the answer is longer than the 1 MiB that is looked at' };

function judgeStatus({ status, body }: HttpAnswer, expected: Status[]): Objection {
  if (expected.some((one) => fits(status, String(one)))) return undefined;
  const said = excerpt(body);
  return bad(`status ${status}, expected ${expected.join(' or ')}${said ? `: ${said}` : ''}`);
}

const fits = (status: number, expected: string): boolean =>
  expected.endsWith('xx') ? String(status)[0] === expected[0] : String(status) === expected;

function judgeText({ body, isWhole }: HttpAnswer, expected: string): Objection {
  if (body.includes(expected)) return undefined;
  return isWhole ? bad(`expected a body that holds ${JSON.stringify(expected)}, got ${excerpt(body)}`) : notLookedAt;
}

function judgeJson({ body, isWhole }: HttpAnswer, expected: JsonExpectation[]): Objection {
  if (!isWhole) return notLookedAt;
  let document: JsonValue;
  try {
    document = JSON.parse(body.toString('utf8'));
  } catch {
    return bad(`expected JSON, got ${excerpt(body)}`);
  }
  for (const { written, path, value } of expected) {
    const objection = judgeValue(document, written, path, value);
    if (objection) return objection;
  }
  return undefined;
}

function judgeValue(document: JsonValue, written: string, path: JsonPath, expected: JsonValue): Objection {
  try {
    const selected = path(document);
    const wrong = selected.find((value) => !isDeepStrictEqual(value, expected));
    if (selected.length > 0 && wrong === undefined) return undefined;
    const got = wrong === undefined ? 'not there' : JSON.stringify(wrong);
    return bad(`${written} is ${got.slice(0, 200)}, expected ${JSON.stringify(expected)}`);
  } catch (error) {
    // Nested too deeply to be followed: our own limit.
    return { unmeasured: true, reason: oneLine(`${written} could not be followed: ${(error as Error).message}`) };
  }
}

const excerpt = (body: Buffer): string => oneLine(body.subarray(0, 400).toString('utf8'));
