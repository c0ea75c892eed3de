import type { Decoded } from '../../model/field.ts';
import { type Address, addressOfUrl } from '../address.ts';
import { whyNoUrl } from '../databases/fields.ts';
import { whyNoRequest } from '../http/refusal.ts';
import type { changing, reading } from './fields.ts';

type FieldOf<F> = F extends (...words: never[]) => infer R ? R : never;
export type Change = Decoded<{ way: FieldOf<typeof changing> }>['way'];
export type Reading = Decoded<{ way: FieldOf<typeof reading> }>['way'];

/** The ways of writing and reading, each with its settings under its own key. */
const ways = ['http', 'postgres', 'mysql', 'redis'] as const;
type Way = (typeof ways)[number];
type Ways = { [W in Way]?: { url: string; query?: string; command?: string[] } | undefined };

/** The ways that are given; one is right. */
export const waysOf = (one: Ways): Way[] => ways.filter((way) => one[way] !== undefined);

/**
 * @param what whose they are: `ledger`
 * @returns why something that says in which way it is done does not say it well, for a diagnostic
 */
export function whyNoWay(what: string, parts: Record<string, Ways>): string | undefined {
  for (const [name, part] of Object.entries(parts)) {
    const [way, another] = waysOf(part);
    if (way === undefined) return `the ${name} of this ${what} says no way: one of ${ways.join(', ')}`;
    if (another !== undefined) return `the ${name} of this ${what} says several ways: ${waysOf(part).join(', ')}`;
    const { url, command } = part[way]!;
    if (command?.length === 0) return `the command of the ${name} of this ${what} is empty`;
    const refusal = way === 'http' ? whyNoRequest(part.http as never) : whyNoUrl(url, what);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** What is sent, as one text: to see whether something stands in it. */
export const sentBy = (one: Ways): string =>
  JSON.stringify(ways.map((way) => (way === 'http' ? one.http : (one[way]?.query ?? one[way]?.command))));

/** Where it connects to. */
export function addressOf(one: Ways): Address | undefined {
  const [way] = waysOf(one);
  if (!way) return undefined;
  const { url } = one[way]!;
  const ports = { http: url.startsWith('https:') ? 443 : 80, postgres: 5432, mysql: 3306, redis: 6379 };
  return addressOfUrl(url, ports[way]);
}

/** @returns why a value cannot be read so, for a diagnostic */
export const whyNoReading = (what: string, read: Reading): string | undefined =>
  !read.http && read.value !== undefined ? `the read of this ${what} has "value", which is only for http` : undefined;
