import { chance } from '../model/chance.ts';
import { formatDuration, milliseconds, parseDuration } from '../model/duration.ts';
import type { Fault } from '../model/fault.ts';
import type { JsonSchema } from '../model/field.ts';
import type { JsonObject } from '../model/json.ts';

/**
 * The parameters of an injection, with those drawn that its author left to chance. The same seed and step draw the same.
 * @param seed the run's
 */
export function draw({ parameters }: Fault, given: JsonObject, seed: number, step: string): JsonObject {
  const all: JsonObject = { ...given };
  for (const [name, { schema }] of Object.entries(parameters)) {
    if (!Array.isArray(schema.drawn) || Object.hasOwn(given, name)) continue;
    const [from, to] = schema.drawn.map((text) => decoded(schema, String(text))) as [number, number];
    all[name] = rounded(from + chance(`${seed}/${step}/${name}`)() * (to - from), from);
  }
  return all;
}

/** What was drawn, for people: `latency 437ms`. */
export function drawnInWords({ parameters }: Fault, given: JsonObject, all: JsonObject): string[] {
  return Object.entries(parameters)
    .filter(([name, { schema }]) => 'drawn' in schema && !Object.hasOwn(given, name))
    .map(([name, { schema }]) => `${name} ${written(schema, all[name] as number)}`);
}

function decoded({ format }: JsonSchema, text: string): number {
  if (format === 'duration') return parseDuration(text) ?? 0;
  if (format === 'share') return Number(text.replace('%', '')) / 100;
  return Number(text);
}

function written({ format }: JsonSchema, value: number): string {
  if (format === 'duration') return formatDuration(milliseconds(value));
  if (format === 'share') return `${Number((value * 100).toFixed(2))}%`;
  return String(value);
}

/** To two digits of the smallest that can be drawn: `440ms`, `17.4%`. */
function rounded(value: number, smallest: number): number {
  const unit = 10 ** (Math.floor(Math.log10(smallest)) - 1);
  return Number((Math.round(value / unit) * unit).toPrecision(12));
}
