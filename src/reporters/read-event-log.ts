import { open } from 'node:fs/promises';
import { UserError } from '../model/diagnostic.ts';
import type { RunEvent } from '../model/event.ts';
import type { Latencies } from './fold.ts';
import { RunFold, type ToldRun } from './run-fold.ts';

export interface ReadRun {
  told: ToldRun;
  latencies: Latencies;
  /** The process that ran it. */
  pid: number;
  /** Whether the run told its own end. */
  ended: boolean;
  /** Lines that are no JSON: torn by a crash. */
  tornLines: number;
}

/**
 * Folds an `events.ndjson` of any length line by line. A line that a crash tore is passed over.
 * @throws UserError when it holds no run, or events that are not ours
 */
export async function readEventLog(file: string): Promise<ReadRun> {
  const fold = new RunFold();
  const run = { pid: 0, begun: false, ended: false, tornLines: 0 };
  let lineNumber = 0;
  const handle = await open(file);
  for await (const line of handle.readLines()) {
    lineNumber += 1;
    if (line === '') continue;
    const event = parseEvent(line);
    if (!event) run.tornLines += 1;
    else {
      addTo(fold, event, file, lineNumber);
      if (event.type === 'run-started') Object.assign(run, { begun: true, pid: event.pid });
      if (event.type === 'run-ended') run.ended = true;
    }
  }
  if (!run.begun) throw refusal(file, 'it does not hold the beginning of a run');
  return { told: fold.told(), latencies: fold.latencies(), pid: run.pid, ended: run.ended, tornLines: run.tornLines };
}

function parseEvent(line: string): RunEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'type' in value ? (value as RunEvent) : undefined;
  } catch {
    return undefined;
  }
}

/** What we wrote ourselves is not validated; what somebody changed, or another version wrote, is no defect of ours. */
function addTo(fold: RunFold, event: RunEvent, file: string, line: number): void {
  try {
    fold.add(event);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw refusal(file, `this is no event that this version of chaos writes (${error.message})`, line);
  }
}

const refusal = (file: string, message: string, line?: number): UserError =>
  new UserError([
    {
      severity: 'error',
      code: 'not-a-run',
      file,
      message,
      ...(line === undefined ? {} : { place: { line, column: 1, length: 1 } }),
    },
  ]);
