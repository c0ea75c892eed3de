import { type JsonObject, textOf } from '../../model/json.ts';
import type { TargetGroup } from '../../model/scenario.ts';
import { type Findings, join } from '../findings.ts';
import { isObject } from '../parameters.ts';
import { hintFor } from '../suggest.ts';
import { asObject, numberAt, textAt } from './written.ts';

/** Groups of targets. */
export function readGroups(written: JsonObject, findings: Findings): TargetGroup[] {
  const isGroup = (id: string) => Object.hasOwn(asObject(written[id]), 'group');
  const others = Object.keys(written).filter((id) => !isGroup(id));
  return Object.keys(written)
    .filter(isGroup)
    .map((id) => readGroup(id, asObject(written[id]), others, findings));
}

function readGroup(id: string, about: JsonObject, targets: string[], findings: Findings): TargetGroup {
  const path = join('/targets', id);
  const pointer = join(path, 'group');
  const settings = isObject(about.group) ? about.group : { of: about.group ?? [] };
  const list = isObject(about.group) ? join(pointer, 'of') : pointer;
  const members = [settings.of ?? []].flat().map(textOf);
  for (const [index, member] of members.entries()) {
    const place = join(list, index);
    if (!targets.includes(member))
      findings.value(place, 'unknown-target', `there is no target "${member}"`, hintFor(member, targets, 'targets'));
    else if (members.indexOf(member) < index)
      findings.value(place, 'duplicate-member', `"${member}" is in the group already`, 'leave it out');
  }
  return { id, path, members, pick: readPick(settings, members.length, join(pointer, 'pick'), findings) };
}

function readPick(settings: JsonObject, size: number, pointer: string, findings: Findings): TargetGroup['pick'] {
  const text = textAt(settings, 'pick');
  const share = /^([0-9]+(?:\.[0-9]+)?)%$/.exec(text ?? '')?.[1];
  if (share !== undefined) return { share: Number(share) / 100 };
  if (text === 'all') return 'all';
  const count = numberAt(settings, 'pick');
  if (count === undefined) return 'one';
  if (count > size)
    findings.value(pointer, 'pick', `${count} cannot be picked of ${size}`, `at most ${size}, or "all"`);
  return { count };
}
