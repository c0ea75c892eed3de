import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join, relative } from 'node:path';
import { version } from '../../package.json';
import { packageRoot } from './entries.ts';

/** What is said of a defect of our own: the whole truth, in terms of the source, and a request to report it. */
export function describeDefect(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? String(error)) : `thrown: ${String(error)}`;
  return (
    `${inTermsOfTheSource(stack)}\n\n` +
    'This is a defect of chaos, not of your scenario. Please report it with the lines above.\n' +
    'If a run was going on, its guardian is undoing what it did; `chaos recover` shows what is left.\n' +
    `chaos ${version}, Node ${process.version}, ${process.platform} ${process.arch}\n`
  );
}

/** Replaces each `dist/code/main.cjs:1:2345` by the `src/…ts:12:34` that it was built from. */
function inTermsOfTheSource(stack: string): string {
  const folder = join(packageRoot(), 'dist', 'code');
  return stack.replaceAll(/([^\s(]+\/dist\/code\/[^\s:]+\.cjs):(\d+):(\d+)/g, (place, file, line, column) => {
    const map = sourceMapOf(file);
    // Columns of a stack count from 1, those of a source map from 0. The loader's wrapper stands before the first line.
    const origin = map?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!origin || !('originalSource' in origin)) return place;
    const source = relative(packageRoot(), join(folder, origin.originalSource));
    return `${source}:${origin.originalLine + 1}:${origin.originalColumn + 1}`;
  });
}

function sourceMapOf(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  } catch {
    return undefined;
  }
}
