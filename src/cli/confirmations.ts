import { type Diagnostic, UserError } from '../model/diagnostic.ts';
import type { Plan } from '../model/plan.ts';
import { hintFor } from '../parser/suggest.ts';
import type { Loaded } from './load.ts';

/**
 * Sees that what was confirmed in advance is something that will be asked, and that somebody will be there to confirm the
 * rest of the checklists.
 * @param isTerminal whether a person can be asked @throws UserError before anything is begun
 */
export function checkConfirmations(loaded: Loaded[], confirmed: string[], isTerminal: boolean): void {
  const known = loaded.flatMap(({ plan }) => askedIn(plan));
  const unknown = confirmed
    .filter((id) => !known.includes(id))
    .map((id) => ({
      severity: 'error' as const,
      code: 'unknown-confirmation',
      file: '--confirm',
      message: `nothing called "${id}" is to be confirmed${known.length === 0 ? '' : `: ${hintFor(id, known, 'asked for are')}`}`,
    }));
  const unanswerable = isTerminal ? [] : loaded.flatMap(({ plan }) => unconfirmed(plan, confirmed));
  const diagnostics = [...unknown, ...unanswerable];
  if (diagnostics.length > 0) throw new UserError(diagnostics, new Map(loaded.flatMap(({ sources }) => [...sources])));
}

function unconfirmed({ scenario, checklist }: Plan, confirmed: string[]): Diagnostic[] {
  return checklist
    .filter(({ id, by }) => 'person' in by && !confirmed.includes(id))
    .map(({ id, title, place }) => ({
      severity: 'error',
      code: 'unconfirmed',
      file: scenario.file,
      place,
      message: `a person has to confirm this, and there is no terminal to ask at: ${title}`,
      hint: `whoever starts the run says so: --confirm ${id}`,
    }));
}

const askedIn = ({ checklist, steps }: Plan): string[] => [
  ...checklist.flatMap(({ id, by }) => ('person' in by ? [id] : [])),
  ...steps.flatMap(({ id, action }) => (action.kind === 'approve' ? [id] : [])),
];
