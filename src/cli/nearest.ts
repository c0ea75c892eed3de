/**
 * The word that was most likely meant.
 * @returns `undefined` when none is near: at most a third of the letters may be wrong
 */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const found = words
    .map((candidate) => ({ candidate, distance: editDistance(word.slice(0, 100), candidate) }))
    .sort((first, second) => first.distance - second.distance)[0];
  return found && found.distance <= Math.max(found.candidate.length, word.length) / 3 ? found.candidate : undefined;
}

/** Insertions, deletions and replacements that make one word the other. @see V. Levenshtein (1966) */
function editDistance(first: string, second: string): number {
  let row = Array.from({ length: second.length + 1 }, (_, index) => index);
  for (let i = 1; i <= first.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= second.length; j += 1)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (first[i - 1] === second[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[second.length]!;
}
