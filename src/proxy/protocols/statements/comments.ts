/** @returns what stands behind the comments with which it begins; `undefined` when it begins with none */
export function behindComments(statement: string): string | undefined {
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
