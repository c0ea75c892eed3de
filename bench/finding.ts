/** One measured ratio of a benchmark. */
export interface Finding {
  what: string;
  /** `1.21 ×`, `0.8 ms`: as shown. */
  measured: string;
  /** What it was measured against, in the same run. */
  against: string;
  goal?: string;
}

const mark = '@finding ';

/** Called by a benchmark: a line on stdout that the driver gathers into its table. */
export function finding(found: Finding): void {
  process.stdout.write(`${mark}${JSON.stringify(found)}\n`);
}

/** Parts what a benchmark printed into text for people and findings. */
export function parseFindings(output: string): { text: string; found: Finding[] } {
  const lines = output.split('\n');
  return {
    text: lines.filter((line) => !line.startsWith(mark)).join('\n'),
    found: lines.filter((line) => line.startsWith(mark)).map((line) => JSON.parse(line.slice(mark.length))),
  };
}
