/** Where text goes: a file, a pipe, or a terminal, which has a width and may fall behind. */
export interface Output {
  write(text: string): unknown;
  columns?: number;
  rows?: number;
  isTTY?: boolean;
  /** What was written has not gone out yet. */
  writableNeedDrain?: boolean;
}
