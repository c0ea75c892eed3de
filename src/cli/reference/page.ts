import { Document, isScalar, visit } from 'yaml';
import type { JsonObject } from '../../model/json.ts';
import type { Paint } from '../../reporters/console/paint.ts';
import { wrap } from '../../text/width.ts';

/** Markdown of a descriptor, its paragraphs filled anew to `columns`. */
export function paragraphs(markdown: string, columns: number): string[] {
  return markdown
    .replaceAll('**', '')
    .trim()
    .split(/\n\s*\n/)
    .flatMap((paragraph, index) => [
      ...(index > 0 ? [''] : []),
      ...paragraph.split(/\n(?=- )/).flatMap((part) => wrap(part.replaceAll(/\s+/g, ' ').trim(), columns)),
    ]);
}

/** Examples as they stand in a scenario, below each other. */
export const yamlExamples = (examples: { title: string; item: JsonObject }[]): string[] =>
  examples.flatMap(({ title, item }) => [`  # ${title}`, ...yamlLines(item).map((line) => `  ${line}`)]);

/** As a person would write it: programs and other short lists on one line. */
function yamlLines(item: JsonObject): string[] {
  const document = new Document([item]);
  visit(document, {
    Seq: (_, list) => {
      list.flow = list.items.every(isScalar);
    },
  });
  return document.toString({ lineWidth: 68, flowCollectionPadding: false }).trimEnd().split('\n');
}

/** A name and a summary each, the summaries below each other. */
export function list(items: { name: string; about: string }[], columns: number, paint: Paint): string {
  const width = Math.max(...items.map(({ name }) => name.length)) + 2;
  return items
    .flatMap(({ name, about }) => {
      const [first = '', ...more] = wrap(about, Math.max(columns - width - 2, 20));
      const label = `  ${paint('strong', name)}${' '.repeat(width - name.length)}`;
      return [label + first, ...more.map((line) => ' '.repeat(width + 2) + line)];
    })
    .map((line) => `${line}\n`)
    .join('');
}

/** Blocks of lines, each below its heading. Empty ones are left out. */
export const sections = (blocks: { heading: string; lines: string[] }[], paint: Paint): string =>
  blocks
    .filter(({ lines }) => lines.length > 0)
    .map(({ heading, lines }) => `\n${paint('strong', heading)}\n${lines.join('\n')}\n`)
    .join('');
