import { createReadStream } from 'node:fs';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import { UserError } from '../../model/diagnostic.ts';
import type { RunEvent } from '../../model/event.ts';
import { exitCodes } from '../../model/exit-code.ts';
import { sendAnswer } from '../../runner/approvals.ts';
import { knownRuns } from '../../runner/journal/known-runs.ts';
import { oneLine } from '../../text/clean.ts';
import type { Io } from '../io.ts';

/** A question that a run in progress waits with. */
interface Waiting {
  run: string;
  scratch: string;
  id: string;
  question: string;
}

/**
 * Answers the question that a run waits with, from any terminal.
 * @param about.run, about.id which, when there are several
 * @throws UserError when no question is meant, or more than one
 */
export async function approve(
  about: { run: string | undefined; id: string | undefined; refuse: boolean },
  io: Pick<Io, 'stdout'>,
): Promise<number> {
  const all = await waiting();
  const meant = all.filter(
    ({ run, id }) => (about.run === undefined || run === about.run) && (about.id === undefined || id === about.id),
  );
  const [one] = meant;
  if (!one || meant.length > 1) throw unclear(all);
  sendAnswer(one.scratch, one.id, { approved: !about.refuse, by: `${userInfo().username} with chaos approve` });
  io.stdout.write(`${about.refuse ? 'Refused' : 'Approved'}: ${oneLine(one.question)} (${one.id} of ${one.run})\n`);
  return exitCodes.passed;
}

function unclear(all: Waiting[]): UserError {
  const list = all.map(({ run, id, question }) => `\n  chaos approve ${run} ${id}   ${oneLine(question)}`).join('');
  const message = all.length === 0 ? 'no run in progress waits for an approval' : `say which of these is meant:${list}`;
  return new UserError([{ severity: 'error', code: 'unknown-approval', file: 'chaos approve', message }]);
}

async function waiting(): Promise<Waiting[]> {
  const found: Waiting[] = [];
  for (const { run, goesOn, header } of await knownRuns()) {
    if (!goesOn || !header) continue;
    const { scratch, events } = header;
    for (const [id, question] of await openQuestions(events)) found.push({ run, scratch, id, question });
  }
  return found;
}

async function openQuestions(file: string): Promise<Map<string, string>> {
  const open = new Map<string, string>();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    // Most lines are samples: only those that can matter are parsed.
    if (!line.includes('"approval-')) continue;
    const event = JSON.parse(line) as RunEvent;
    if (event.type === 'approval-asked') open.set(event.id, event.question);
    if (event.type === 'approval-given') open.delete(event.id);
  }
  return open;
}
