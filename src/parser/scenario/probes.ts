import { seconds } from '../../model/duration.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Pointer } from '../../model/place.ts';
import type { Probe, ProbeSpec } from '../../model/scenario.ts';
import { probeKindNamed, probeKinds } from '../../probes/registry.ts';
import { decodeFields } from '../decode.ts';
import { type Findings, join } from '../findings.ts';
import { isObject } from '../parameters.ts';
import type { Ids } from './ids.ts';
import { asObject, durationAt, numberAt, objectAt, textAt } from './written.ts';

/** The members of the hypothesis. */
export function readProbes(written: JsonValue[], ids: Ids, findings: Findings): Probe[] {
  return written.flatMap((one, index) => {
    const pointer = join('/steadyState', index);
    const about = asObject(one);
    const spec = readProbe(about, pointer, findings);
    if (!spec) return [];
    return [
      {
        ...spec,
        id: ids.of(pointer, spec.kind, textAt(about, 'id')),
        path: pointer,
        every: durationAt(about, 'every', seconds(1)),
        successThreshold: numberAt(about, 'successThreshold') ?? 3,
      },
    ];
  });
}

/** One probe: exactly one key names its kind. @returns `undefined` when nothing can be made of it */
export function readProbe(about: JsonObject, pointer: Pointer, findings: Findings): ProbeSpec | undefined {
  const kinds = probeKinds.map(({ kind }) => kind).filter((kind) => Object.hasOwn(about, kind));
  if (
    kinds.length === 0 &&
    findings.isMisspelt(
      pointer,
      probeKinds.map(({ kind }) => kind),
    )
  )
    return undefined;
  if (kinds.length !== 1) {
    const message =
      kinds.length === 0 ? 'a probe needs a kind' : `a probe has one kind; this has ${kinds.join(' and ')}`;
    findings.value(pointer, 'kind', message, `kinds: ${probeKinds.map(({ kind }) => kind).join(', ')}`);
    return undefined;
  }
  const kind = probeKindNamed(kinds[0]!)!;
  const bare = about[kind.kind]!;
  const settings = isObject(bare) ? bare : kind.shorthand ? { [kind.shorthand]: bare } : {};
  const spec = {
    kind: kind.kind,
    settings: decodeFields(kind.settings, settings),
    expect: decodeFields(kind.expect, objectAt(about, 'expect')),
    timeout: durationAt(about, 'timeout', seconds(1)),
  };
  refuseIfUnfit(kind, spec, join(pointer, kind.kind), findings);
  return spec;
}

function refuseIfUnfit(kind: (typeof probeKinds)[number], spec: ProbeSpec, pointer: Pointer, findings: Findings): void {
  let refusal: string | undefined;
  try {
    refusal = kind.refuses?.(spec.settings as never, spec.expect as never);
  } catch {
    return; // malformed in a way that the schema has told
  }
  if (refusal !== undefined) findings.value(pointer, 'probe', refusal);
}
