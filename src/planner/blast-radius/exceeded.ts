import type { Diagnostic } from '../../model/diagnostic.ts';
import { placeOf } from '../../model/place.ts';
import type { Safety } from '../../model/scenario.ts';
import type { FlatStep } from '../flatten.ts';
import type { Timeline } from './timeline.ts';

/** A step that is certain to exceed a limit, at its place and at that of the limit. */
export function exceeded(
  limit: keyof Safety['blastRadius'],
  allowed: string,
  { step }: FlatStep,
  about: { message: string; hint: string },
  { places }: Timeline,
): Diagnostic {
  return {
    severity: 'error',
    code: 'blast-radius',
    ...about,
    file: places.file,
    place: placeOf(places, step.path),
    related: [{ message: `allowed: ${allowed}`, place: placeOf(places, `/safety/blastRadius/${limit}`) }],
  };
}
