import type { Place, Places, Pointer } from '../../model/place.ts';
import { placeOf } from '../../model/place.ts';
import { type Findings, join } from '../findings.ts';

type Sort = 'step' | 'probe' | 'item';

/** Words that stand where an id could, and mean all of them. */
const reserved: Record<Sort, string | undefined> = { step: 'timeline', probe: 'steady-state', item: undefined };

/** Gives everything of one sort (steps, probes) an id, and sees that none is given twice. */
export class Ids {
  readonly #sort: Sort;
  readonly #places: Places;
  readonly #findings: Findings;
  readonly #given = new Map<string, Place>();
  readonly #used = new Set<string>();

  constructor(sort: Sort, places: Places, findings: Findings) {
    this.#sort = sort;
    this.#places = places;
    this.#findings = findings;
  }

  /** Ids that authors gave are known before any is made up. */
  reserve(id: string): void {
    this.#used.add(id);
  }

  /** @returns the given id, or one made of `stem` that nobody has */
  of(pointer: Pointer, stem: string, given: string | undefined): string {
    if (given !== undefined) {
      this.#claim(pointer, given);
      return given;
    }
    for (let count = 1; ; count += 1) {
      const id = count === 1 ? stem : `${stem}-${count}`;
      if (this.#used.has(id)) continue;
      this.#used.add(id);
      return id;
    }
  }

  #claim(pointer: Pointer, id: string): void {
    const place = placeOf(this.#places, join(pointer, 'id'));
    const first = this.#given.get(id);
    if (id === reserved[this.#sort])
      this.#findings.at(
        place,
        'reserved-id',
        `"${id}" cannot be the id of a ${this.#sort}: that means all of them`,
        'choose another',
      );
    else if (first)
      this.#findings.at(place, 'duplicate-id', `two ${this.#sort}s have the id "${id}"`, 'give one of them another', [
        { message: 'the first is here', place: first },
      ]);
    else this.#given.set(id, place);
  }
}
