import { seconds } from '../../model/duration.ts';
import { type JsonObject, type JsonValue, textOf } from '../../model/json.ts';
import type { Places } from '../../model/place.ts';
import { type Probe, protections, type Safety, type Scenario, type Step } from '../../model/scenario.ts';
import { type Findings, join } from '../findings.ts';
import { isObject, type ParameterValue } from '../parameters.ts';
import { hintFor } from '../suggest.ts';
import { readChecklist } from './checklist.ts';
import { readGroups } from './groups.ts';
import { Ids } from './ids.ts';
import { allSteps, readObjectives } from './objectives.ts';
import { readProbes } from './probes.ts';
import { readSafeguards } from './safeguards.ts';
import { givenIds, type Known, readCondition, readSteps } from './steps.ts';
import { readTargets } from './targets.ts';
import { asObject, durationAt, listAt, numberAt, objectAt, textAt, textsAt } from './written.ts';

/**
 * Makes a scenario of what was written, and checks what a schema cannot: references, ids, units that belong together.
 * @returns a scenario that may only be used when `findings` is empty
 */
export function readScenario(
  written: JsonObject,
  parameters: Record<string, ParameterValue>,
  places: Places,
  findings: Findings,
): Scenario {
  const targets = readTargets(objectAt(written, 'targets'), findings);
  const groups = readGroups(objectAt(written, 'targets'), findings);
  const probes = readProbes(
    listAt(written, 'steadyState'),
    idsOf('probe', idsIn(listAt(written, 'steadyState')), places, findings),
    findings,
  );
  const known = {
    targets: new Map(targets.map((target) => [target.id, target])),
    groups: new Map(groups.map((group) => [group.id, group])),
    targetNames: Object.keys(objectAt(written, 'targets')),
    probes: probes.map(({ id }) => id),
    ids: idsOf('step', givenIds(listAt(written, 'timeline')), places, findings),
    findings,
  };
  const timeline = readSteps(listAt(written, 'timeline'), '/timeline', known);
  refuseUnknownSteps(timeline, findings);
  const [description, owner] = [textAt(written, 'description'), textAt(written, 'owner')];
  return {
    name: textAt(written, 'name') ?? '',
    tags: textsAt(written, 'tags'),
    parameters,
    targets,
    groups,
    steadyState: probes,
    baseline: durationAt(written, 'baseline', seconds(3)),
    ...readRecovery(written, known),
    timeline,
    objectives: readObjectives(listAt(written, 'objectives'), probes, timeline, findings),
    control: written.control === true,
    checklist: readChecklist(
      listAt(objectAt(written, 'safety'), 'checklist'),
      idsOf('item', idsIn(listAt(objectAt(written, 'safety'), 'checklist')), places, findings),
      findings,
    ),
    safety: readSafety(objectAt(written, 'safety'), probes, findings),
    places,
    ...(description === undefined ? {} : { description }),
    ...(owner === undefined ? {} : { owner }),
  };
}

/** How long the system has, and what has to hold then: by default the whole hypothesis. */
function readRecovery(written: JsonObject, known: Known): Pick<Scenario, 'recovery' | 'recovered'> {
  const { recovery } = written;
  if (!isObject(recovery))
    return { recovery: durationAt(written, 'recovery', seconds(30)), recovered: { steadyState: true } };
  const until = Object.hasOwn(recovery, 'until') ? readCondition(recovery.until!, '/recovery/until', known) : undefined;
  return { recovery: durationAt(recovery, 'within', seconds(30)), recovered: until ?? { steadyState: true } };
}

const idsIn = (written: JsonValue[]) => written.map((one) => textAt(asObject(one), 'id'));

function idsOf(
  sort: 'step' | 'probe' | 'item',
  given: (string | undefined)[],
  places: Places,
  findings: Findings,
): Ids {
  const ids = new Ids(sort, places, findings);
  for (const id of given) if (id !== undefined) ids.reserve(id);
  return ids;
}

function refuseUnknownSteps(timeline: Step[], findings: Findings): void {
  const steps = allSteps(timeline);
  const ids = steps.map(({ id }) => id);
  const known = new Set(ids);
  for (const { start, path } of steps) {
    if (start.rule !== 'after') continue;
    for (const [index, { step }] of start.steps.entries())
      if (!known.has(step))
        findings.value(
          pointerOf(path, index, findings),
          'unknown-step',
          `there is no step "${step}"`,
          hintFor(step, ids, 'steps'),
        );
  }
}

/** `after` is an id, a list of them, or a moment in full: the most exact place that exists. */
const pointerOf = (path: string, index: number, findings: Findings): string => {
  const after = join(path, 'after');
  return [join(after, index), join(after, 'step'), after].find((pointer) => findings.has(pointer)) ?? after;
};

function readSafety(written: JsonObject, probes: Probe[], findings: Findings): Safety {
  const radius = objectAt(written, 'blastRadius');
  const share = /^([0-9]+(?:\.[0-9]+)?)%$/.exec(textAt(radius, 'share') ?? '')?.[1];
  const [concurrentFaults, duration, targets, maxDuration] = [
    numberAt(radius, 'concurrentFaults'),
    durationAt(radius, 'duration'),
    numberAt(radius, 'targets'),
    durationAt(written, 'maxDuration'),
  ];
  return {
    blastRadius: {
      ...(concurrentFaults === undefined ? {} : { concurrentFaults }),
      ...(duration === undefined ? {} : { duration }),
      ...(targets === undefined ? {} : { targets }),
      ...(share === undefined ? {} : { share: Number(share) / 100 }),
    },
    abortWhen: readSafeguards(listAt(written, 'abortWhen'), probes, findings),
    ...(maxDuration === undefined ? {} : { maxDuration }),
    environments: [written.environment ?? []].flat().map(textOf),
    allow: protections.filter((one) => textsAt(written, 'allow').includes(one)),
  };
}
