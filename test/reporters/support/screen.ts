import { Writable } from 'node:stream';

/** Keeps what is written. */
export class Recording extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** A terminal of so many columns and rows that understands as much as it takes to draw over lines. */
export class FakeTerminal extends Recording {
  columns: number;
  rows: number;
  readonly isTTY = true;

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  /** What a person sees in the end, scrolled-off lines included. Colours are left out. */
  get screen(): string[] {
    const lines: string[] = [''];
    let row = 0;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it reads escapes
    for (const [, parameters, command, text] of this.text.matchAll(/\u001b\[([?0-9;]*)([A-Za-z])|([^\u001b])/gu)) {
      if (text === '\n') {
        row += 1;
        lines[row] ??= '';
      } else if (text !== undefined && text !== '\r') lines[row] += text;
      else if (command === 'A') row -= Number(parameters);
      else if (command === 'K') lines[row] = '';
      else if (command === 'J') lines.length = row + 1;
    }
    return lines;
  }
}
