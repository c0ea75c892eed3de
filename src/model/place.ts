/** Where something stands in the file that its author wrote. Lines and columns count from 1; `length` is in UTF-16 units. */
export interface Place {
  line: number;
  column: number;
  length: number;
}

/** A path into the scenario as written, as a JSON pointer (RFC 6901): `/timeline/0/with/factor`. */
export type Pointer = string;

/** The place of each value and of each key. The place of a missing value is that of its nearest parent that exists. */
export interface Places {
  file: string;
  values: Record<Pointer, Place>;
  keys: Record<Pointer, Place>;
}

/** The place of the value at `pointer`, or of the nearest parent that has one. */
export function placeOf(places: Places, pointer: Pointer): Place {
  for (let path = pointer; ; path = path.slice(0, path.lastIndexOf('/'))) {
    const place = Object.hasOwn(places.values, path) ? places.values[path] : undefined;
    if (place) return place;
    if (path === '') return { line: 1, column: 1, length: 1 };
  }
}
