import { faultNamed } from '../../injectors/registry.ts';
import { type Bound, parseBound } from '../../model/bound.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Objective, Probe, RecoveryFrom, Step } from '../../model/scenario.ts';
import { type Findings, join } from '../findings.ts';
import { measureNamed, measures, percentiles } from '../measures.ts';
import { hintFor } from '../suggest.ts';
import { asObject, textAt } from './written.ts';

const units = {
  share: 'a share such as ">= 99.9%"',
  ms: 'a duration such as "< 30s"',
} as const;
const relative = '"<= 1.5x baseline"';
/** Phases that `during` may name, unless a step has that name. */
const phases = ['baseline', 'recovery'];

/** What objectives may refer to. */
interface Known {
  probes: Probe[];
  steps: Step[];
  findings: Findings;
}

export function readObjectives(
  written: JsonValue[],
  probes: Probe[],
  timeline: Step[],
  findings: Findings,
): Objective[] {
  const known = { probes, steps: allSteps(timeline), findings };
  return written.flatMap((one, index) => readObjective(asObject(one), join('/objectives', index), known) ?? []);
}

function readObjective(about: JsonObject, path: string, known: Known): Objective | undefined {
  const { findings } = known;
  const found = measures.filter((measure) => Object.hasOwn(about, measure));
  if (found.length === 0 && findings.isMisspelt(path, measures)) return undefined;
  if (found.length !== 1) {
    const message =
      found.length === 0
        ? 'an objective has to say what it is about'
        : `an objective is about one thing; this is about ${found.join(' and ')}`;
    findings.value(path, 'kind', message, `one of: ${measures.join(', ')}`);
    return undefined;
  }
  const name = found[0]!;
  const bound = readBound(about, name, path, findings);
  const of = readReference(about, name, path, known);
  refuseNeedless(about, name, path, findings);
  if (!bound || of === undefined) return undefined;
  return objectiveOf(name, { path, bound }, of, about, known);
}

function objectiveOf(
  name: string,
  base: { path: string; bound: Bound },
  of: string,
  about: JsonObject,
  known: Known,
): Objective {
  switch (measureNamed[name]!.of) {
    case 'run':
      return { ...base, measure: name as 'meanTimeToRecover' | 'recoveryRate' };
    case 'ledger':
      return { ...base, measure: 'consistency', probe: of };
    case 'injection': {
      if (name === 'detectionTime') return { ...base, measure: name, step: of };
      const from = (textAt(about, 'from') as RecoveryFrom | undefined) ?? 'start';
      return { ...base, measure: 'recoveryTime', step: of, from };
    }
    case 'probe': {
      const during = readDuring(about, base.path, known);
      const when = during === undefined ? {} : { during };
      if (!Object.hasOwn(percentiles, name))
        return { ...base, measure: name as 'availability' | 'errorRate' | 'uptime', probe: of, ...when };
      return { ...base, measure: 'latency', probe: of, percentile: percentiles[name]!, ...when };
    }
  }
}

function readBound(about: JsonObject, name: string, path: string, findings: Findings): Bound | undefined {
  const { of, unit } = measureNamed[name]!;
  const text = textAt(about, name);
  if (text === undefined) return undefined;
  const bound = parseBound(text);
  const mayBeRelative = of === 'probe' && name !== 'uptime';
  if (bound && (bound.unit === unit || (bound.unit === 'baseline' && mayBeRelative))) return bound;
  const hint = `${name} is bounded by ${units[unit]}${mayBeRelative ? `, or against the baseline: ${relative}` : ''}`;
  findings.value(join(path, name), 'bound', `"${text}" is no bound on ${name}`, hint);
  return undefined;
}

/** @returns what `of` names; `''` for what is about the whole run */
function readReference(about: JsonObject, name: string, path: string, { probes, steps, findings }: Known) {
  const { of: sort } = measureNamed[name]!;
  const of = textAt(about, 'of');
  if (sort === 'run') return '';
  if (of === undefined) {
    if (!Object.hasOwn(about, 'of'))
      findings.value(
        path,
        'missing-key',
        `${name} needs "of"`,
        `the id of ${sort === 'injection' ? 'a step that injects' : `a ${sort}`}`,
      );
    return undefined;
  }
  const injections = steps.filter(({ kind }) => kind === 'inject');
  const ledgers = probes.filter(({ kind }) => kind === 'ledger');
  if (sort === 'injection') refer(of, idsOf(injections), 'injections', 'step that injects', join(path, 'of'), findings);
  else if (sort === 'ledger') refer(of, idsOf(ledgers), 'ledgers', 'ledger', join(path, 'of'), findings);
  else refer(of, idsOf(probes), 'probes', 'probe', join(path, 'of'), findings);
  return of;
}

/** Keys that say nothing about this measure. */
function refuseNeedless(about: JsonObject, name: string, path: string, findings: Findings): void {
  const { of } = measureNamed[name]!;
  const takes = { of: of !== 'run', during: of === 'probe', from: name === 'recoveryTime' };
  for (const [key, isTaken] of Object.entries(takes))
    if (!isTaken && Object.hasOwn(about, key))
      findings.key(join(path, key), 'needless-key', `"${key}" says nothing about ${name}`, 'leave it out');
}

function readDuring(about: JsonObject, path: string, { steps, findings }: Known): string | undefined {
  const during = textAt(about, 'during');
  if (during === undefined) return undefined;
  const pointer = join(path, 'during');
  const step = steps.find(({ id }) => id === during);
  if (step?.kind === 'inject' && !faultNamed(step.fault)?.held)
    findings.value(
      pointer,
      'no-time',
      `${step.fault} is over at once: nothing is measured during ${during}`,
      'name the step that waits after it',
    );
  else if (!step) refer(during, [...idsOf(steps), ...phases], 'steps', 'step', pointer, findings);
  return during;
}

const idsOf = (all: { id: string }[]): string[] => all.map(({ id }) => id);

function refer(id: string, known: string[], many: string, one: string, pointer: string, findings: Findings): void {
  if (!known.includes(id))
    findings.value(pointer, 'unknown-reference', `there is no ${one} "${id}"`, hintFor(id, known, many));
}

/** The steps and the members of their groups, in the order of the file. */
export function allSteps(steps: Step[]): Step[] {
  const all: Step[] = [];
  const waiting = [...steps].reverse();
  for (let step = waiting.pop(); step; step = waiting.pop()) {
    all.push(step);
    if ('steps' in step) waiting.push(...[...step.steps].reverse());
  }
  return all;
}
