/**
 * Whether a name is meant by one of these patterns: `*.example.com` stands for every name below `example.com` and not
 * for that itself, `*` for all names; anything else for itself. Case does not count, nor a dot at the end.
 * @returns asks of the labels of a name, in lower case, outermost last
 */
export function nameMatcher(patterns: string[]): (labels: string[]) => boolean {
  const all = patterns.map(labelsOf);
  return (labels) => all.some((pattern) => fits(labels, pattern));
}

const labelsOf = (pattern: string): string[] => pattern.toLowerCase().replace(/\.$/, '').split('.');

function fits(labels: string[], [first, ...rest]: string[]): boolean {
  if (first !== '*') return labels.length === rest.length + 1 && endsWith(labels, [first!, ...rest]);
  return rest.length === 0 || (labels.length > rest.length && endsWith(labels, rest));
}

const endsWith = (labels: string[], end: string[]): boolean =>
  end.every((label, index) => labels[labels.length - end.length + index] === label);
