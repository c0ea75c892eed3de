import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { masked } from '../../host/secrets.ts';
import type { RunEvent, RunEventBody } from '../../model/event.ts';
import type { ResidueCheck } from '../../model/residue.ts';
import { isOfThisBoot } from '../journal/read.ts';
import { compareWith } from '../residue/compare.ts';
import type { Recovery } from '../undo/undo-journal.ts';

const tailBytes = 1024 * 1024;

/**
 * Tells the end of a run whose runner died in its own event log, so that a report made later says what was undone.
 * A log that is gone or full is no reason to fail: the undo has happened.
 * @param beganAt when the undoing began
 */
export async function writeEpilogue(recovery: Recovery, beganAt: Date): Promise<void> {
  const { header, seen } = recovery.outstanding;
  if (!header) return;
  try {
    const check = await compareWith(isOfThisBoot(header) ? seen : [], header.run);
    append(header.events, epilogue(recovery, beganAt, check));
  } catch {
    // nothing to be done, and nothing harmful
  }
}

/** What happened, and when. */
interface Moment {
  at: Date;
  body: RunEventBody;
}

function epilogue(
  { undone, lapsed, stuck, outstanding: { tripped } }: Recovery,
  beganAt: Date,
  check: ResidueCheck,
): Moment[] {
  const ended = new Map<string | undefined, { at: Date; message: string }>([
    ...lapsed.map(({ step }) => [step, { at: beganAt, message: 'ended when the machine was started again' }] as const),
    ...undone.map(({ step, at }) => [step, { at, message: 'undone by the guardian' }] as const),
  ]);
  for (const { step } of [{ step: undefined }, ...stuck]) ended.delete(step);
  const reason = 'the runner died; the guardian undid what was in force';
  const now = new Date();
  return [
    ...(tripped ? [{ at: beganAt, body: { type: 'safeguard-tripped', ...tripped } as const }] : []),
    { at: beganAt, body: { type: 'abort-requested', reason } },
    ...[...ended].map(([step, { at, message }]): Moment => {
      return { at, body: { type: 'injection-undone', step: step!, gone: true, message } };
    }),
    ...stuck.map(({ undo, message, command }): Moment => {
      return { at: now, body: { type: 'leftover', undo, message, command } };
    }),
    { at: now, body: { type: 'residue-checked', ...check } },
    { at: now, body: { type: 'run-ended' } },
  ];
}

function append(file: string, moments: Moment[]): void {
  const descriptor = openSync(file, 'r+');
  try {
    const { size } = fstatSync(descriptor);
    const tail = Buffer.alloc(Math.min(size, tailBytes));
    readSync(descriptor, tail, 0, tail.length, size - tail.length);
    const text = tail.toString('utf8');
    const last = lastEvent(text);
    // Somebody else, `chaos recover` or the guardian, may have told it already.
    if (!last || last.type === 'run-ended') return;
    const lines = moments.map(({ at, body }, index) => {
      const atMs = last.atMs + Math.max(0, at.getTime() - Date.parse(last.time));
      return masked(JSON.stringify({ seq: last.seq + 1 + index, atMs, time: at.toISOString(), ...body }));
    });
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
