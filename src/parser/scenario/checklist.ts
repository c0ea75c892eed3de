import { minutes } from '../../model/duration.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Pointer } from '../../model/place.ts';
import type { ChecklistItem } from '../../model/scenario.ts';
import { verifiedAs } from '../../model/workload.ts';
import { probeKinds } from '../../probes/registry.ts';
import { type Findings, join } from '../findings.ts';
import type { Ids } from './ids.ts';
import { readProbe } from './probes.ts';
import { asObject, durationAt, textAt } from './written.ts';

export function readChecklist(written: JsonValue[], ids: Ids, findings: Findings): ChecklistItem[] {
  return written.flatMap(
    (one, index) => readItem(asObject(one), join('/safety/checklist', index), ids, findings) ?? [],
  );
}

function readItem(about: JsonObject, path: Pointer, ids: Ids, findings: Findings): ChecklistItem | undefined {
  const [description, question] = [textAt(about, 'description'), textAt(about, 'confirm')];
  // What was written is read back at the end, not before the first fault.
  const kinds = probeKinds.map(({ kind }) => kind).filter((kind) => !verifiedAs(kind));
  if (question !== undefined) {
    const id = ids.of(path, 'confirm', textAt(about, 'id'));
    return { id, path, title: question, by: { person: { within: durationAt(about, 'within', minutes(10)) } } };
  }
  if (!kinds.some((kind) => Object.hasOwn(about, kind)) && !findings.isMisspelt(path, ['confirm', ...kinds])) {
    const hint = `"confirm" asks a person; probes: ${kinds.join(', ')}`;
    findings.value(path, 'kind', 'an item of the checklist says how it is seen to be so', hint);
    return undefined;
  }
  const probe = readProbe(about, path, findings);
  if (!probe) return undefined;
  const id = ids.of(path, probe.kind, textAt(about, 'id'));
  return { id, path, title: description ?? `the ${probe.kind} probe holds`, by: { probe } };
}
