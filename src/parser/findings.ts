import type { Diagnostic } from '../model/diagnostic.ts';
import { type Place, type Places, type Pointer, placeOf } from '../model/place.ts';

/** Gathers mistakes while a file is read; at most one at each place, because one cause often has several symptoms. */
export class Findings {
  readonly #places: Places;
  readonly #found = new Map<string, Diagnostic>();
  readonly #meant = new Map<Pointer, Set<string>>();

  constructor(places: Places) {
    this.#places = places;
  }

  /** A mistake in the value at `pointer`. */
  value(pointer: Pointer, code: string, message: string, hint?: string, related?: Diagnostic['related']): void {
    this.at(placeOf(this.#places, pointer), code, message, hint, related);
  }

  /** A mistake in the key at `pointer`. */
  key(pointer: Pointer, code: string, message: string, hint?: string, related?: Diagnostic['related']): void {
    this.at(this.#places.keys[pointer] ?? placeOf(this.#places, pointer), code, message, hint, related);
  }

  at(place: Place, code: string, message: string, hint?: string, related?: Diagnostic['related']): void {
    const where = `${place.line}:${place.column}`;
    if (this.#found.has(where)) return;
    this.#found.set(where, {
      severity: 'error',
      code,
      message,
      file: this.#places.file,
      place,
      ...(hint === undefined ? {} : { hint }),
      ...(related ? { related } : {}),
    });
  }

  /** A misspelt key of the object at `pointer` was told, and what it was probably meant to be. */
  misspelt(pointer: Pointer, meant: string): void {
    this.#meant.set(pointer, (this.#meant.get(pointer) ?? new Set()).add(meant));
  }

  /** Whether one of these keys seems to be there, only misspelt: then it is not told to be missing as well. */
  isMisspelt(pointer: Pointer, keys: readonly string[]): boolean {
    const meant = this.#meant.get(pointer);
    return meant !== undefined && keys.some((key) => meant.has(key));
  }

  /** Whether something stands at this pointer. */
  has(pointer: Pointer): boolean {
    return Object.hasOwn(this.#places.values, pointer);
  }

  get isEmpty(): boolean {
    return this.#found.size === 0;
  }

  /** In the order of the file. */
  diagnostics(): Diagnostic[] {
    return [...this.#found.values()].sort((a, b) => a.place!.line - b.place!.line || a.place!.column - b.place!.column);
  }
}

/** The pointer of a member. @see RFC 6901 */
export const join = (pointer: Pointer, key: string | number): Pointer =>
  `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
