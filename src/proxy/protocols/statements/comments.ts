/**
 * @param areNested as PostgreSQL has them, and MySQL not
 * @returns what stands behind the comments with which it begins; `undefined` when it begins with none
 */
export function behindComments(statement: string, areNested: boolean): string | undefined {
  let rest: string | undefined;
  for (let text = statement.trimStart(); ; text = rest) {
    const end = endOfComment(text, areNested);
    if (end === undefined) return rest;
    rest = text.slice(end).trimStart();
  }
}

/** `/*!` begins what MySQL does. @returns where the comment ends that it begins with */
function endOfComment(text: string, areNested: boolean): number | undefined {
  if (text.startsWith('--') || text.startsWith('#')) {
    const end = text.indexOf('\n');
    return end === -1 ? undefined : end + 1;
  }
  if (!text.startsWith('/*') || text.startsWith('/*!')) return undefined;
  let depth = 0;
  for (const { 0: mark, index } of text.matchAll(/\/\*|\*\//g)) {
    if (mark === '*/') depth -= 1;
    else if (areNested || depth === 0) depth += 1;
    if (depth === 0) return index + mark.length;
  }
  return undefined;
}
