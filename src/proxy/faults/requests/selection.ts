import { chance } from '../../../model/chance.ts';
import type { JsonObject } from '../../../model/json.ts';
import { numberWithin, optionalCount, textOf } from '../settings.ts';

/**
 * Which of the matching requests are hit, asked once for each in the order in which they come over all connections:
 * of the `first` N every `every`-th, or the share `rate`, drawn from the `seed`. The nth request meets the nth
 * draw, so the same seed gives the same schedule.
 * @throws SettingsError
 */
export function selection(settings: JsonObject): () => boolean {
  const first = optionalCount(settings, 'first') ?? Number.POSITIVE_INFINITY;
  const every = optionalCount(settings, 'every');
  const rate = every === undefined ? numberWithin(settings, 'rate', 0, 1) : 1;
  const draw = chance(textOf(settings, 'seed'));
  let matching = 0;
  return () => {
    matching += 1;
    if (matching > first) return false;
    return every === undefined ? draw() < rate : matching % every === 0;
  };
}
