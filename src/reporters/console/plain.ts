import type { RunEvent } from '../../model/event.ts';
import type { Output } from '../../model/output.ts';
import type { Report } from '../../model/report.ts';
import { oneLine, severalLines } from '../../text/clean.ts';
import { formatOffset } from '../../text/offset.ts';
import { type Happening, Happenings } from './happenings.ts';
import type { Paint } from './paint.ts';
import type { ConsoleReporter } from './reporter.ts';
import { summaryLines } from './summary.ts';

const longestText = 400;
const mostDetailLines = 10;

/** One line with its time for each thing that matters: for logs, pipes and CI. */
export class PlainConsole implements ConsoleReporter {
  readonly #stream: Output;
  readonly #columns: number;
  readonly #paint: Paint;
  readonly #happenings = new Happenings();

  constructor({ stream, columns }: { stream: Output; columns: number }, paint: Paint) {
    this.#stream = stream;
    this.#columns = columns;
    this.#paint = paint;
  }

  add(event: RunEvent): void {
    const lines = this.#happenings.of(event).flatMap((happening) => linesOf(happening, this.#paint));
    if (lines.length > 0) this.#stream.write(`${lines.join('\n')}\n`);
  }

  finish(report: Report, files: string[]): void {
    this.#stream.write(`\n${summaryLines(report, files, this.#columns, this.#paint).join('\n')}\n`);
  }
}

function linesOf({ atMs, label, text, tone, detail = '' }: Happening, paint: Paint): string[] {
  const clean = oneLine(text);
  const cut = clean.length > longestText ? `${clean.slice(0, longestText)}…` : clean;
  return [
    `${paint('quiet', formatOffset(atMs).padStart(8))}  ${paint(tone, label.padEnd(12))}  ${cut}`,
    ...lastLines(detail).map((line) => `${' '.repeat(24)}${paint('quiet', `| ${line}`)}`),
  ];
}

/** The end of an output: what is left when a program gives up stands there. */
function lastLines(output: string): string[] {
  return severalLines(output.slice(-mostDetailLines * longestText))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-mostDetailLines)
    .map((line) => line.slice(0, longestText));
}
