/**
 * `*` stands for anything within one segment of a path, `**` for anything at all, `?` for one character.
 * @returns whether a path is like it. That takes no longer than the lengths of both multiplied, whatever a client asks for:
 * all places of the pattern where the path may have come to are followed at once, and nothing is tried twice.
 */
export function pathMatcher(glob: string): (path: string) => boolean {
  const parts = glob.match(/\*\*|./gs) ?? [];
  if (!/[*?]/.test(glob)) return (path) => path === glob;
  const beginning = /^[^*?]*/.exec(glob)![0];
  return (path) => {
    if (!path.startsWith(beginning)) return false;
    let places = reached(parts, [beginning.length]);
    for (let at = beginning.length; at < path.length && places.length > 0; at += 1)
      places = reached(parts, after(parts, places, path[at]!));
    return places.includes(parts.length);
  };
}

/** Where a character leads on to. */
function after(parts: string[], places: number[], character: string): number[] {
  const onward = new Set<number>();
  for (const place of places) {
    const part = parts[place];
    if (part === '**' || (part === '*' && character !== '/')) onward.add(place);
    else if (part === character || (part === '?' && character !== '/')) onward.add(place + 1);
  }
  return [...onward];
}

/** Those and what is behind them, for stars may stand for nothing. */
function reached(parts: string[], places: number[]): number[] {
  const all = new Set<number>();
  for (let place of places) {
    all.add(place);
    while (parts[place] === '*' || parts[place] === '**') {
      place += 1;
      all.add(place);
    }
  }
  return [...all];
}
