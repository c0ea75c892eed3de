import type { Diagnostic } from '../../model/diagnostic.ts';

/** A workflow command of GitHub: it puts the mistake beside its line. @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
export function githubAnnotation({ severity, file, place, message, hint, code }: Diagnostic): string {
  const where = [
    `file=${property(file)}`,
    ...(place ? [`line=${place.line}`, `col=${place.column}`, `endColumn=${place.column + place.length}`] : []),
    `title=${property(code)}`,
  ];
  return `::${severity} ${where.join(',')}::${data(hint === undefined ? message : `${message}\n${hint}`)}`;
}

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
