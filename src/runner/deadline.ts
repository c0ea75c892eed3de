import type { Action } from '../model/operation.ts';
import type { Plan, PlannedStep } from '../model/plan.ts';
import type { Target } from '../model/scenario.ts';

/** What starting, verifying and stopping may take beyond what a plan says. */
const slackMs = 60_000;
/** A runner that was to abort may take so long to say so. */
const abortMs = 15_000;
const undoTries = 3;

/**
 * How long a run can last at most, milliseconds: by its author's word, else by its plan. After that it is stuck, and its
 * guardian ends it. `undefined` when a step has no end.
 */
export function deadlineOf(plan: Plan): number | undefined {
  const { steps, targets, safety } = plan;
  const lasting = safety.maxDuration === undefined ? longestOf(plan) : safety.maxDuration + abortMs;
  if (lasting === undefined) return undefined;
  return lasting + sum(steps.map(undoMs)) + sum(targets.map(stopMs));
}

function longestOf({ steps, targets, probes, baselineMs, recoveryMs }: Plan): number | undefined {
  const ends = steps.map(({ expected }) => expected.latestEndMs ?? Number.POSITIVE_INFINITY);
  const slowest = Math.max(0, ...probes.map(({ every, timeout }) => every + timeout));
  const longest = sum(targets.map(startMs)) + baselineMs + slowest + Math.max(0, ...ends) + recoveryMs + slackMs;
  return Number.isFinite(longest) ? longest : undefined;
}

const startMs = (target: Target): number => ('ready' in target ? (target.ready?.within ?? 0) : 0);
const stopMs = (target: Target): number => (target.kind === 'process' ? target.stop.grace : 0);
const undoMs = ({ action }: PlannedStep): number =>
  action.kind === 'inject' ? sum(action.undo.map(longestUndoMs)) : 0;
const longestUndoMs = (action: Action): number => (action.op === 'run' ? action.command.timeout * undoTries : 0);
const sum = (all: number[]): number => all.reduce((total, one) => total + one, 0);
