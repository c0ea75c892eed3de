import { parseBound } from '../../model/bound.ts';
import type { JsonValue } from '../../model/json.ts';
import type { Objective, Probe, Step } from '../../model/scenario.ts';
import { type Findings, join } from '../findings.ts';
import { measures, percentiles } from '../measures.ts';
import { hintFor } from '../suggest.ts';
import { asObject, textAt } from './written.ts';

const units = {
  share: 'a share such as ">= 99.9%"',
  ms: 'a duration such as "< 30s"',
} as const;

export function readObjectives(written: JsonValue[], probes: Probe[], steps: Step[], findings: Findings): Objective[] {
  const injections = allSteps(steps).filter(({ kind }) => kind === 'inject');
  return written.flatMap((one, index): Objective[] => {
    const path = join('/objectives', index);
    const about = asObject(one);
    const found = measures.filter((measure) => Object.hasOwn(about, measure));
    if (found.length === 0 && findings.isMisspelt(path, measures)) return [];
    if (found.length !== 1) {
      findings.value(
        path,
        'kind',
        found.length === 0
          ? 'an objective has to say what it is about'
          : `an objective is about one thing; this is about ${found.join(' and ')}`,
        `one of: ${measures.join(', ')}`,
      );
      return [];
    }
    const measure = found[0]!;
    const isTime = measure === 'recoveryTime' || Object.hasOwn(percentiles, measure);
    const text = textAt(about, measure);
    const bound = text === undefined ? undefined : parseBound(text);
    if (text !== undefined && bound?.unit !== (isTime ? 'ms' : 'share')) {
      findings.value(
        join(path, measure),
        'bound',
        `"${text}" is no bound on ${measure}`,
        `${measure} is bounded by ${isTime ? units.ms : units.share}`,
      );
      return [];
    }
    const of = textAt(about, 'of');
    if (of === undefined || !bound) return [];
    const base = { path, bound };
    if (measure === 'recoveryTime') {
      refer(
        of,
        injections.map(({ id }) => id),
        'injections',
        'step that injects',
        path,
        findings,
      );
      return [{ ...base, measure, step: of }];
    }
    const candidates = measure === 'consistency' ? probes.filter(({ kind }) => kind === 'ledger') : probes;
    refer(
      of,
      candidates.map(({ id }) => id),
      measure === 'consistency' ? 'ledgers' : 'probes',
      measure === 'consistency' ? 'ledger' : 'probe',
      path,
      findings,
    );
    if (Object.hasOwn(percentiles, measure))
      return [{ ...base, measure: 'latency', probe: of, percentile: percentiles[measure]! }];
    return [{ ...base, measure: measure as 'availability' | 'errorRate' | 'consistency', probe: of }];
  });
}

function refer(of: string, known: string[], many: string, one: string, path: string, findings: Findings): void {
  if (!known.includes(of))
    findings.value(join(path, 'of'), 'unknown-reference', `there is no ${one} "${of}"`, hintFor(of, known, many));
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
