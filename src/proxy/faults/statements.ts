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
  return (statement) => isMeant(statement) || isMeant(statement && behindComments(statement));
}

/** @returns what stands behind the comments with which it begins; `undefined` when it begins with none */
function behindComments(statement: string): string | undefined {
  let rest: string | undefined;
  for (let text = statement.trimStart(); ; text = rest) {
    const end = endOfComment(text);
    if (end === undefined) return rest;
    rest = text.slice(end).trimStart();
  }
}

/** Nested as PostgreSQL has them; `/*!` begins what MySQL does. @returns where the comment ends that it begins with */
function endOfComment(text: string): number | undefined {
  if (text.startsWith('--') || text.startsWith('#')) {
    const end = text.indexOf('\n');
    return end === -1 ? undefined : end + 1;
  }
  if (!text.startsWith('/*') || text.startsWith('/*!')) return undefined;
  let depth = 0;
  for (const { 0: mark, index } of text.matchAll(/\/\*|\*\//g)) {
    depth += mark === '/*' ? 1 : -1;
    if (depth === 0) return index + mark.length;
  }
  return undefined;
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
