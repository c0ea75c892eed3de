import { formatDuration } from '../../model/duration.ts';
import type { Phase } from '../../model/event.ts';
import { exitCodeOf } from '../../model/exit-code.ts';
import type { Plan } from '../../model/plan.ts';
import type { Report, Verdict } from '../../model/report.ts';
import { residueInWords } from '../../model/residue.ts';
import { verifiedAs } from '../../model/workload.ts';
import { plural } from '../../text/plural.ts';
import { isGroup } from '../text/step-kind.ts';
import type { Incidents } from './incidents.ts';
import { brokenPromises } from './ledgers.ts';
import { violationsIn } from './workloads.ts';

/** All that a verdict rests on. */
export interface Evidence
  extends Pick<
    Report,
    'phases' | 'steps' | 'injections' | 'probes' | 'objectives' | 'ledgers' | 'workloads' | 'leftovers' | 'residue'
  > {
  plan: Plan;
  incidents: Incidents;
}

export type Judgement = Pick<Report, 'verdict' | 'exitCode' | 'reasons'>;

/** A probe of which more than this share could not be measured says nothing about the system. */
const mostUnmeasured = 0.1;

/**
 * Judges a run. What stopped it comes first, then what kept it from being a test at all, then promises that were seen
 * broken, and last what could not be observed: broken promises outrank doubts. What was left behind outranks every
 * verdict in the exit code, and changes none. `docs/report.md` has this as a table.
 */
export function judge(evidence: Evidence): Judgement {
  const leftBehind = whatIsLeftBehind(evidence);
  const { verdict, reasons } = verdictOf(evidence);
  return {
    verdict,
    exitCode: exitCodeOf(verdict, leftBehind.length > 0),
    reasons: [...new Set([...leftBehind, ...reasons])],
  };
}

function verdictOf(evidence: Evidence): { verdict: Verdict; reasons: string[] } {
  const { defects } = evidence.incidents;
  if (defects.length > 0) return { verdict: 'error', reasons: defects };
  const stopped = whatStoppedIt(evidence);
  const broken = whatWasBroken(evidence);
  if (stopped.length > 0) return { verdict: 'aborted', reasons: [...stopped, ...broken] };
  const prevented = whatPreventedIt(evidence);
  if (prevented.length > 0) return { verdict: 'inconclusive', reasons: prevented };
  const doubtful = whatIsInDoubt(evidence);
  if (broken.length > 0) return { verdict: 'failed', reasons: [...broken, ...doubtful] };
  if (doubtful.length > 0) return { verdict: 'inconclusive', reasons: doubtful };
  const unexplained = whatIsUnexplained(evidence);
  if (unexplained.length > 0) return { verdict: 'inconclusive', reasons: unexplained };
  return { verdict: 'passed', reasons: [] };
}

function whatIsLeftBehind({ leftovers, injections, residue }: Evidence): string[] {
  return [
    ...leftovers.map(({ message, command }) => `left behind: ${message}${command ? `; undo it with: ${command}` : ''}`),
    ...injections
      .filter(({ state }) => state === 'stuck')
      .map(({ step, message }) => because(`${step} could not be undone`, message)),
    ...(residue?.residue ?? []).map((one) => `not as it was before: ${residueInWords(one)}`),
  ];
}

function whatStoppedIt({ incidents }: Evidence): string[] {
  const stopped = [...incidents.safeguards, ...incidents.aborts];
  return stopped.length === 0 && !incidents.ended ? ['the runner died'] : stopped;
}

/** Without a healthy system at the start nothing was tested. */
function whatPreventedIt({ incidents, phases }: Evidence): string[] {
  if (incidents.refusals.length > 0) return incidents.refusals;
  if (incidents.startFailures.length > 0) return incidents.startFailures;
  const saying: Partial<Record<Phase, string>> = {
    start: 'the targets did not start',
    checklist: 'the checklist does not hold',
    baseline: 'the baseline did not hold',
  };
  return phases
    .filter(({ phase, outcome }) => saying[phase] !== undefined && outcome !== 'passed')
    .map(({ phase, message }) => because(saying[phase]!, message));
}

function whatWasBroken(evidence: Evidence): string[] {
  const { incidents, plan, phases, objectives } = evidence;
  return [
    ...brokenSteps(evidence),
    ...phases
      .filter(({ phase, outcome }) => phase === 'recovery' && outcome === 'failed')
      .map(({ message }) =>
        because(`the system did not recover within ${formatDuration(plan.recoveryMs)} of the timeline's end`, message),
      ),
    ...objectives
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ title, measuredText, message }) => `${title}: ${measuredText}${message ? ` (${message})` : ''}`),
    ...brokenLedgers(evidence),
    ...brokenWorkloads(evidence),
    ...incidents.lostTargets,
  ];
}

/** Groups fail by their members, and an injection that could not be made is no promise of the system. */
function brokenSteps({ steps }: Evidence): string[] {
  return steps
    .filter(({ kind, outcome }) => outcome === 'failed' && !isGroup(kind) && kind !== 'inject')
    .map(({ id, kind, message }) => because(`${kind} ${id} failed`, message));
}

/** An acknowledged write that is lost is a broken promise by itself; an objective may allow for some. */
function brokenLedgers({ ledgers, plan }: Evidence): string[] {
  const judged = new Set(
    plan.objectives.flatMap((objective) => (objective.measure === 'consistency' ? [objective.probe] : [])),
  );
  return ledgers.flatMap((ledger) => {
    if (judged.has(ledger.probe) || !('result' in ledger)) return [];
    const broken = brokenPromises(ledger.result);
    return broken === undefined ? [] : [`${ledger.probe} ${broken}`];
  });
}

function brokenWorkloads({ workloads }: Evidence): string[] {
  return workloads.flatMap((workload) => {
    const broken = 'result' in workload ? violationsIn(workload.result) : undefined;
    return broken === undefined ? [] : [`${workload.probe} ${broken}`];
  });
}

function whatIsInDoubt(evidence: Evidence): string[] {
  return [
    ...doubtfulInjections(evidence),
    ...doubtfulSteps(evidence),
    ...evidence.objectives
      .filter(({ outcome }) => outcome === 'unknown')
      .map(({ title, message }) => because(`${title} could not be judged`, message)),
    ...doubtfulLedgers(evidence),
    ...doubtfulWorkloads(evidence),
    ...evidence.incidents.instruments,
    ...doubtfulProbes(evidence),
    ...(evidence.residue?.unseen ?? []).map((what) => `whether something is left behind was not seen: ${what}`),
  ];
}

function doubtfulInjections({ injections }: Evidence): string[] {
  return injections.flatMap(({ step, state, effect, gone, message }) => {
    if (state === 'failed') return [because(`${step} could not be injected`, message)];
    if (state === 'not-begun') return [];
    const doubts: string[] = [];
    if (effect.seen !== 'seen') doubts.push(`the effect of ${step} was not seen: ${effect.summary}`);
    if (state === 'in-force') doubts.push(`${step} was not seen to be undone`);
    if (state === 'undone' && gone === false) doubts.push(because(`the end of ${step} was not seen`, message));
    return doubts;
  });
}

function doubtfulSteps({ steps, injections }: Evidence): string[] {
  const failed = new Set(injections.filter(({ state }) => state === 'failed').map(({ step }) => step));
  return steps.flatMap(({ id, kind, outcome, message }) => {
    if (isGroup(kind) || failed.has(id) || outcome === 'passed' || outcome === 'skipped') return [];
    if (outcome === 'unknown' || kind === 'inject') return [because(`what ${kind} ${id} came to is unknown`, message)];
    return [];
  });
}

function doubtfulLedgers({ plan, ledgers }: Evidence): string[] {
  const unreadable = ledgers.flatMap((ledger) =>
    'unreadable' in ledger ? [`the ledger ${ledger.probe} could not be read: ${ledger.unreadable}`] : [],
  );
  const unverified = plan.probes
    .filter(({ id, kind }) => kind === 'ledger' && !ledgers.some(({ probe }) => probe === id))
    .map(({ id }) => `the ledger ${id} was not verified`);
  return [...unreadable, ...unverified];
}

function doubtfulWorkloads({ plan, workloads }: Evidence): string[] {
  const unreadable = workloads.flatMap((workload) =>
    'unreadable' in workload
      ? [`the ${workload.kind} ${workload.probe} could not be read: ${workload.unreadable}`]
      : [],
  );
  const unverified = plan.probes
    .filter(({ id, kind }) => verifiedAs(kind) === 'workload' && !workloads.some(({ probe }) => probe === id))
    .map(({ id, kind }) => `the ${kind} ${id} was not verified`);
  return [...unreadable, ...unverified];
}

function doubtfulProbes({ probes }: Evidence): string[] {
  return probes
    .filter(({ samples, unmeasured }) => unmeasured > samples * mostUnmeasured)
    .map(
      ({ id, samples, unmeasured }) => `${unmeasured} of ${plural(samples, 'sample')} of ${id} could not be measured`,
    );
}

/** What did not pass though nothing else says why. That undoing failed is told by what is left behind. */
function whatIsUnexplained(evidence: Evidence): string[] {
  const told = whatIsLeftBehind(evidence).length > 0;
  const skipped = evidence.steps
    .filter(({ kind, outcome }) => outcome === 'skipped' && !isGroup(kind))
    .map(({ id, kind, message }) => because(`${kind} ${id} never had its turn`, message));
  const phases = evidence.phases
    .filter(({ phase, outcome }) => (outcome === 'failed' || outcome === 'unknown') && !(told && phase === 'undo'))
    .map(({ phase, outcome, message }) =>
      because(
        outcome === 'failed' ? `the phase "${phase}" failed` : `what the phase "${phase}" came to is unknown`,
        message,
      ),
    );
  return [...skipped, ...phases];
}

const because = (what: string, why: string | undefined): string =>
  why === undefined || why === '' ? what : `${what}: ${why}`;
