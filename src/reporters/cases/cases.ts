import type { Outcome } from '../../model/event.ts';
import type { Place } from '../../model/place.ts';
import type { InjectionReport, ObjectiveReport, Report, StepReport, WorkloadReport } from '../../model/report.ts';
import { residueInWords } from '../../model/residue.ts';
import { formatOffset } from '../../text/offset.ts';
import { brokenPromises } from '../fold/ledgers.ts';
import { violationsIn, workloadInWords } from '../fold/workloads.ts';
import { isGroup } from '../text/step-kind.ts';
import { type Case, passed, type Result } from './case.ts';

/** All promises of a run in the order of its phases. Unless the run passed, at least one of them is not green. */
export function casesOf(report: Report): Case[] {
  const cases = [
    ...phaseCases(report, 'start', 'the targets start', report.targets.length > 0),
    ...report.checklist.map((item) => checklistCase(item, report)),
    ...phaseCases(report, 'baseline', 'the steady state holds before the first fault', report.probes.length > 0),
    ...stepCases(report),
    ...phaseCases(report, 'recovery', 'the steady state holds again after the timeline', report.probes.length > 0),
    ...report.ledgers.flatMap((ledger) => ledgerCase(ledger, report)),
    ...report.workloads.map((workload) => workloadCase(workload, report)),
    ...report.objectives.map((objective) => objectiveCase(objective, report)),
    ...leftoverCase(report),
  ];
  return [...cases, ...verdictCase(report, cases)];
}

function checklistCase(
  { id, title, outcome, message = 'nobody knows', place }: Report['checklist'][number],
  { scenario }: Report,
): Case {
  const details = [`where: ${where(scenario.file, place)}`];
  const result = (): Result => {
    if (outcome === 'passed') return passed;
    if (outcome === 'skipped') return { is: 'skipped', message: 'it was never its turn' };
    return { is: 'error', kind: 'checklist', message, details };
  };
  return { name: `${id}: ${title}`, phase: 'checklist', durationMs: 0, place, result: result() };
}

type PhaseName = 'start' | 'baseline' | 'recovery';

function phaseCases(report: Report, phase: PhaseName, name: string, wanted: boolean): Case[] {
  if (!wanted) return [];
  const seen = report.phases.find((one) => one.phase === phase);
  const durationMs = seen?.endMs == null ? 0 : seen.endMs - seen.startMs;
  const result = phaseResult(report, phase, seen?.outcome ?? 'skipped', seen?.message);
  return [{ name, phase, ...(seen ? { startMs: seen.startMs } : {}), durationMs, result }];
}

function phaseResult(report: Report, phase: PhaseName, outcome: Outcome, message?: string): Result {
  if (outcome === 'passed') return passed;
  if (outcome === 'skipped') return { is: 'skipped', message: message ?? 'it was never its turn' };
  // Without a healthy system at the start nothing was tested: that breaks no promise.
  const broken = phase === 'recovery' && outcome === 'failed';
  return {
    is: broken ? 'failure' : 'error',
    kind: phase,
    message: message ?? (outcome === 'failed' ? 'it did not hold' : 'whether it held is unknown'),
    details: [...lastBad(report), ...(phase === 'start' ? startFailures(report) : [])],
  };
}

function lastBad({ probes, scenario }: Report): string[] {
  return probes.flatMap(({ id, place, lastBad }) => {
    const last = lastBad.at(-1);
    return last ? [`${id} (${where(scenario.file, place)}) last answered badly: ${last.reason ?? 'no reason'}`] : [];
  });
}

function startFailures({ targets }: Report): string[] {
  return targets.flatMap(({ id, failure, lastOutput }) =>
    failure === undefined ? [] : [`target ${id}: ${failure}`, ...(lastOutput ? [lastOutput] : [])],
  );
}

/** Groups only order others and have no case. */
function stepCases(report: Report): Case[] {
  const injections = new Map(report.injections.map((injection) => [injection.step, injection]));
  return report.steps
    .filter(({ kind }) => !isGroup(kind))
    .map((step) => ({
      name: `${step.id}: ${step.title}`,
      phase: 'timeline',
      ...(step.startMs === null ? {} : { startMs: step.startMs }),
      durationMs: step.startMs === null || step.endMs === null ? 0 : step.endMs - step.startMs,
      place: step.place,
      result: stepResult(step, injections.get(step.id), report),
      ...(step.result ? { stdout: step.result.stdout.text, stderr: step.result.stderr.text } : {}),
    }));
}

function stepResult(step: StepReport, injection: InjectionReport | undefined, { scenario }: Report): Result {
  const details = [
    `asked: ${step.title}`,
    ...(step.message === undefined ? [] : [`seen: ${step.message}`]),
    ...lastAnswers(step),
    `where: ${where(scenario.file, step.place)}`,
  ];
  const because = (is: 'failure' | 'error', message: string): Result => ({ is, kind: step.kind, message, details });
  if (step.outcome === 'skipped') return { is: 'skipped', message: step.message ?? 'it was never its turn' };
  if (injection) {
    const flaw = injectionFlaw(injection);
    if (flaw !== undefined) return because('error', flaw);
  }
  if (step.outcome === 'passed') return passed;
  // An injection that cannot be made breaks no promise of the system.
  const broken = step.outcome === 'failed' && step.kind !== 'inject';
  return because(broken ? 'failure' : 'error', step.message ?? `what it came to is ${step.outcome}`);
}

/** Why an injection proves nothing. */
function injectionFlaw({ state, effect, gone, message }: InjectionReport): string | undefined {
  switch (state) {
    case 'failed':
      return `it could not be injected: ${message}`;
    case 'stuck':
      return `it could not be undone: ${message}`;
    case 'in-force':
      return 'it was not seen to be undone';
    case 'undone':
      if (gone === false) return `its end was not seen: ${message ?? 'it may still be in force'}`;
  }
  return effect.seen === 'seen' ? undefined : `its effect was not seen: ${effect.summary}`;
}

function lastAnswers({ lastSamples = {} }: StepReport): string[] {
  return Object.entries(lastSamples).flatMap(([probe, samples]) =>
    samples.map(
      ({ state, latencyMs, reason }) =>
        `${probe}: ${state} after ${Math.round(latencyMs)} ms${reason === undefined ? '' : `: ${reason}`}`,
    ),
  );
}

/** A ledger that an objective judges has that objective's case. */
function ledgerCase(ledger: Report['ledgers'][number], { objectives, probes, scenario }: Report): Case[] {
  const judged = objectives.some(({ measure, of }) => measure === 'consistency' && of === ledger.probe);
  if (judged) return [];
  const probe = probes.find(({ id }) => id === ledger.probe);
  const details = probe ? [`where: ${where(scenario.file, probe.place)}`] : [];
  return [
    {
      name: `${ledger.probe}: every acknowledged write is kept as promised`,
      phase: 'verification',
      durationMs: 0,
      ...(probe ? { place: probe.place } : {}),
      result: ledgerResult(ledger, details),
    },
  ];
}

function ledgerResult(ledger: Report['ledgers'][number], details: string[]): Result {
  if ('unreadable' in ledger)
    return { is: 'error', kind: 'ledger', message: `it could not be read: ${ledger.unreadable}`, details };
  const broken = brokenPromises(ledger.result);
  return broken === undefined ? passed : { is: 'failure', kind: 'ledger', message: broken, details };
}

const promises: Record<string, string> = {
  counter: 'counts every acknowledged increment once, and never back',
  register: 'every read sees the latest write',
  transfers: 'the total stays the same',
};

function workloadCase(workload: WorkloadReport, { probes, scenario }: Report): Case {
  const { probe: id, kind } = workload;
  const place = probes.find((probe) => probe.id === id)?.place;
  return {
    name: `${id}: ${promises[kind] ?? 'what was promised is kept'}`,
    phase: 'verification',
    durationMs: 0,
    ...(place ? { place } : {}),
    result: workloadResult(workload, place ? [`where: ${where(scenario.file, place)}`] : []),
  };
}

function workloadResult(workload: WorkloadReport, where: string[]): Result {
  if ('unreadable' in workload)
    return { is: 'error', kind: 'workload', message: `it could not be read: ${workload.unreadable}`, details: where };
  const { result } = workload;
  const broken = violationsIn(result);
  if (broken === undefined) return passed;
  const violations = result.violations.map(({ atMs, message }) => `${formatOffset(atMs)} ${message}`);
  const details = [...where, workloadInWords(workload.kind, result), ...violations];
  return { is: 'failure', kind: 'workload', message: broken, details };
}

function objectiveCase(objective: ObjectiveReport, { scenario }: Report): Case {
  const { title, asked, measuredText, outcome, message, place, samples } = objective;
  const details = [
    `asked: ${asked}`,
    `measured: ${measuredText} (samples: ${samples})`,
    `where: ${where(scenario.file, place)}`,
  ];
  const why = message === undefined ? '' : `: ${message}`;
  const result: Result =
    outcome === 'passed'
      ? passed
      : {
          is: outcome === 'failed' ? 'failure' : 'error',
          kind: 'objective',
          message: `asked ${asked}, measured ${measuredText}${why}`,
          details,
        };
  return { name: title, phase: 'objectives', durationMs: 0, place, result };
}

/** What could not be undone, and what is not as it was before; there is none when nothing was begun. */
function leftoverCase({ leftovers, residue }: Report): Case[] {
  if (leftovers.length === 0 && !residue) return [];
  return [{ name: 'nothing is left behind', phase: 'undo', durationMs: 0, result: leftoverResult(leftovers, residue) }];
}

function leftoverResult(leftovers: Report['leftovers'], residue: Report['residue']): Result {
  const { looked, residue: differing, unseen } = residue ?? { looked: [], residue: [], unseen: [] };
  const told = [
    ...leftovers.map(({ message }) => message),
    ...differing.map(residueInWords),
    ...unseen.map((what) => `not seen: ${what}`),
  ];
  if (told.length === 0) return passed;
  return {
    is: 'error',
    kind: 'leftover',
    message: told.join('; '),
    details: [
      ...leftovers.map(({ message, command }) => `${message}; undo it with: ${command}`),
      ...differing.map(residueInWords),
      `looked at: ${looked.join(', ')}`,
    ],
  };
}

/** The verdict itself, where no other case tells of it: an aborted run, an instrument that failed. */
function verdictCase({ verdict, exitCode, reasons, durationMs }: Report, cases: Case[]): Case[] {
  const wanted = verdict === 'failed' ? 'failure' : 'error';
  const told = verdict !== 'aborted' && cases.some(({ result }) => result.is === wanted);
  if ((verdict === 'passed' && exitCode === 0) || told) return [];
  return [
    {
      name: 'the run can be judged as passed',
      phase: 'verdict',
      durationMs,
      result: { is: wanted, kind: verdict, message: `${verdict}: ${reasons[0] ?? 'no reason'}`, details: reasons },
    },
  ];
}

const where = (file: string, { line, column }: Place): string => `${file}:${line}:${column}`;
