import { behindComments } from '../protocols/statements/comments.ts';

/**
 * Which statements a fault is meant for: those that begin like one of the patterns, up to the end of a word. They may begin
 * behind comments, where programs write who asks. `*` stands for anything; case and the amount of white space do not matter.
 * @param patterns absent: all of them
 */
export function statementMatcher(patterns: string[] | undefined): (statement: string | undefined) => boolean {
  if (!patterns) return () => true;
  const wanted = patterns.map((pattern) => plain(pattern).split('*'));
  const isMeant = (statement: string | undefined): boolean => {
    if (statement === undefined) return false;
    const text = plain(statement);
    return wanted.some((parts) => fits(text, parts));
  };
  // Whose statement it is, is not known here: behind comments as either kind of server reads them.
  return (statement) =>
    isMeant(statement) || [true, false].some((areNested) => isMeant(statement && behindComments(statement, areNested)));
}

const plain = (text: string): string => text.trim().replaceAll(/\s+/g, ' ').toLowerCase();

/** Without backtracking: what stands between two stars is taken where it comes first. */
function fits(text: string, parts: string[]): boolean {
  const [first = '', ...others] = parts;
  if (!text.startsWith(first)) return false;
  const last = others.pop();
  if (last === undefined) return endsWord(text, first.length);
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  for (let found = text.indexOf(last, at); found !== -1; found = text.indexOf(last, found + 1)) {
    if (last === '' || endsWord(text, found + last.length)) return true;
  }
  return false;
}

function endsWord(text: string, at: number): boolean {
  return at === text.length || at === 0 || !(/\w/.test(text[at - 1]!) && /\w/.test(text[at]!));
}
