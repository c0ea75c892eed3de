import type { Decoded } from '../../model/field.ts';
import type { JsonValue } from '../../model/json.ts';
import type { ledgerSettings } from './fields.ts';

export type Write = Decoded<typeof ledgerSettings>['write'];
export type Read = Decoded<typeof ledgerSettings>['read'];

/** The ways of writing and reading, each with its settings under its own key. */
const ways = ['http', 'postgres', 'mysql', 'redis'] as const;
export type Way = (typeof ways)[number];

/** The ways that are given; one is right. */
export const waysOf = (one: Write | Read): Way[] => ways.filter((way) => one[way] !== undefined);

/** Whether `${entry}` stands anywhere in what is sent. */
export function namesEntry(write: Write): boolean {
  const sent: JsonValue[] = [write.http ?? null, write.postgres?.query ?? null, write.mysql?.query ?? null];
  return JSON.stringify([...sent, write.redis?.command ?? null]).includes('${entry}');
}
