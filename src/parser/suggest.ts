/** Among more words than a person could have confused, only so many are looked at: a thousand mistakes must not take minutes. */
const mostCandidates = 500;
/** Of what there is to choose from. */
const mostShown = 40;

/**
 * The word that was most likely meant.
 * @returns `undefined` when none is near: at most a third of its letters may differ
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  let looked = 0;
  for (const candidate of known) {
    if (looked++ === mostCandidates) break;
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `did you mean "x"?`, or what there is to choose from. */
export function hintFor(word: string, known: Iterable<string>, what: string): string {
  const all = [...known];
  const near = nearest(word, all);
  if (near !== undefined) return `did you mean "${near}"?`;
  if (all.length === 0) return `there are no ${what}`;
  const shown = all.slice(0, mostShown).join(', ');
  return `${what}: ${shown}${all.length > mostShown ? ', …' : ''}`;
}

/** Insertions, deletions, replacements and swaps of neighbours. @see Damerau-Levenshtein, optimal string alignment */
function editDistance(from: string, to: string): number {
  if (from.length > 64 || to.length > 64) return 64;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      current[column] = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1])
        current[column] = Math.min(current[column]!, beforeLast[column - 2]! + 1);
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length]!;
}
