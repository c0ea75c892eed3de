import { parseBound } from '../../model/bound.ts';
import { seconds } from '../../model/duration.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Probe, Safeguard } from '../../model/scenario.ts';
import { type Findings, join } from '../findings.ts';
import { percentiles } from '../measures.ts';
import { hintFor } from '../suggest.ts';
import { asObject, durationAt, textAt } from './written.ts';

/** What of a probe's last samples can be bounded. */
const figures = ['errorRate', 'availability', ...Object.keys(percentiles)];
const conditions = ['failingFor', ...figures];

/** What ends a run at once. */
export function readSafeguards(written: JsonValue[], probes: Probe[], findings: Findings): Safeguard[] {
  const ids = probes.map(({ id }) => id);
  return written.flatMap((one, index) => readSafeguard(asObject(one), join('/safety/abortWhen', index), ids, findings));
}

function readSafeguard(about: JsonObject, path: string, probes: string[], findings: Findings): Safeguard[] {
  const probe = textAt(about, 'probe');
  if (probe !== undefined && !probes.includes(probe))
    findings.value(
      join(path, 'probe'),
      'unknown-probe',
      `there is no probe "${probe}"`,
      hintFor(probe, probes, 'probes'),
    );
  const found = conditions.filter((one) => Object.hasOwn(about, one));
  if (found.length === 0 && findings.isMisspelt(path, conditions)) return [];
  if (found.length !== 1) {
    const message =
      found.length === 0
        ? 'a safeguard has to say when it ends the run'
        : `a safeguard has one condition; this has ${found.join(' and ')}`;
    findings.value(path, 'kind', message, `one of: ${conditions.join(', ')}`);
    return [];
  }
  if (probe === undefined) return [];
  const [condition] = found;
  if (condition === 'failingFor') {
    refuseWindow(about, path, findings);
    return [{ path, probe, when: 'failing', failingFor: durationAt(about, 'failingFor', seconds(0)) }];
  }
  return readBound(about, path, probe, condition!, findings);
}

function refuseWindow(about: JsonObject, path: string, findings: Findings): void {
  if (Object.hasOwn(about, 'over'))
    findings.key(join(path, 'over'), 'needless-key', '"failingFor" says by itself how long', 'leave it out');
}

function readBound(about: JsonObject, path: string, probe: string, figure: string, findings: Findings): Safeguard[] {
  const text = textAt(about, figure);
  if (text === undefined) return [];
  const bound = parseBound(text);
  const isTime = Object.hasOwn(percentiles, figure);
  if (bound?.unit !== (isTime ? 'ms' : 'share')) {
    const hint = `for example ${isTime ? '"> 2s"' : '"> 50%"'}: the run ends when it is so`;
    findings.value(join(path, figure), 'bound', `"${text}" is no bound on ${figure}`, hint);
    return [];
  }
  const base = { path, probe, when: 'bound' as const, bound, over: durationAt(about, 'over', seconds(10)) };
  if (isTime) return [{ ...base, measure: 'latency', percentile: percentiles[figure]! }];
  return [{ ...base, measure: figure as 'availability' | 'errorRate' }];
}
