import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { RunEvent, RunEventBody } from '../../model/event.ts';
import type { ResidueCheck } from '../../model/residue.ts';
import { isOfThisBoot } from '../journal/read.ts';
import { compareWith } from '../residue/compare.ts';
import type { Recovery } from '../undo/undo-journal.ts';

const tailBytes = 1024 * 1024;

/**
 * Tells the end of a run whose runner died in its own event log, so that a report made later says what was undone.
 * A log that is gone or full is no reason to fail: the undo has happened.
 */
export async function writeEpilogue(recovery: Recovery): Promise<void> {
  const { header, seen } = recovery.outstanding;
  if (!header) return;
  try {
    append(header.events, epilogue(recovery, await compareWith(isOfThisBoot(header) ? seen : [], header.run)));
  } catch {
    // nothing to be done, and nothing harmful
  }
}

function epilogue({ undone, lapsed, stuck, outstanding: { tripped } }: Recovery, check: ResidueCheck): RunEventBody[] {
  const ended = new Map([
    ...lapsed.map(({ step }) => [step, 'ended when the machine was started again'] as const),
    ...undone.map(({ step }) => [step, 'undone by the guardian'] as const),
  ]);
  for (const { step } of stuck) ended.delete(step);
  return [
    ...(tripped ? [{ type: 'safeguard-tripped' as const, ...tripped }] : []),
    { type: 'abort-requested', reason: 'the runner died; the guardian undid what was in force' },
    ...[...ended].flatMap(([step, message]): RunEventBody[] =>
      step === undefined ? [] : [{ type: 'injection-undone', step, gone: true, message }],
    ),
    ...stuck.map(({ undo, message, command }): RunEventBody => ({ type: 'leftover', undo, message, command })),
    { type: 'residue-checked', ...check },
    { type: 'run-ended' },
  ];
}

function append(file: string, bodies: RunEventBody[]): void {
  const descriptor = openSync(file, 'r+');
  try {
    const { size } = fstatSync(descriptor);
    const tail = Buffer.alloc(Math.min(size, tailBytes));
    readSync(descriptor, tail, 0, tail.length, size - tail.length);
    const text = tail.toString('utf8');
    const last = lastEvent(text);
    // Somebody else, `chaos recover` or the guardian, may have told it already.
    if (!last || last.type === 'run-ended') return;
    const now = new Date();
    const atMs = last.atMs + Math.max(0, now.getTime() - Date.parse(last.time));
    const lines = bodies.map((body, index) =>
      JSON.stringify({ seq: last.seq + 1 + index, atMs, time: now.toISOString(), ...body }),
    );
    // A torn last line is closed, so that ours begin on lines of their own.
    writeSync(descriptor, `${text.endsWith('\n') ? '' : '\n'}${lines.join('\n')}\n`, size);
  } finally {
    closeSync(descriptor);
  }
}

function lastEvent(text: string): RunEvent | undefined {
  for (const line of text.split('\n').reverse()) {
    try {
      return JSON.parse(line) as RunEvent;
    } catch {
      // torn, or empty
    }
  }
  return undefined;
}
