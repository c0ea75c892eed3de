import { faultNamed, faults } from '../../injectors/registry.ts';
import { type Duration, milliseconds, minutes, seconds } from '../../model/duration.ts';
import type { Fault } from '../../model/fault.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Pointer } from '../../model/place.ts';
import type {
  Condition,
  InjectStep,
  SingleCondition,
  StartRule,
  Step,
  StepEventName,
  Target,
  TargetGroup,
} from '../../model/scenario.ts';
import { decodeFields } from '../decode.ts';
import { type Findings, join } from '../findings.ts';
import { isObject } from '../parameters.ts';
import { stepKinds } from '../schema/kinds.ts';
import { hintFor } from '../suggest.ts';
import type { Ids } from './ids.ts';
import { readProbe } from './probes.ts';
import { asObject, durationAt, listAt, numberAt, objectAt, textAt, textsAt, textsByName } from './written.ts';

/** What steps may refer to. */
export interface Known {
  targets: ReadonlyMap<string, Target>;
  groups: ReadonlyMap<string, TargetGroup>;
  targetNames: string[];
  probes: string[];
  ids: Ids;
  findings: Findings;
}

export function readSteps(written: JsonValue[], pointer: Pointer, known: Known): Step[] {
  return written.flatMap((one, index) => readStep(asObject(one), join(pointer, index), known) ?? []);
}

/** Ids that authors gave, wherever in the timeline, so that none that is made up collides with them. */
export function givenIds(written: JsonValue[]): string[] {
  const ids: string[] = [];
  const waiting = [...written];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const step = asObject(one);
    const id = textAt(step, 'id');
    if (id !== undefined) ids.push(id);
    waiting.push(...listAt(step, 'parallel'), ...listAt(step, 'sequence'));
  }
  return ids;
}

function readStep(about: JsonObject, path: Pointer, known: Known): Step | undefined {
  const kinds = stepKinds.filter((kind) => Object.hasOwn(about, kind));
  if (kinds.length === 0 && known.findings.isMisspelt(path, stepKinds)) return undefined;
  if (kinds.length !== 1) {
    const message =
      kinds.length === 0 ? 'a step has to say what it does' : `a step does one thing; this does ${kinds.join(' and ')}`;
    known.findings.value(
      path,
      'kind',
      message,
      kinds.length === 0 ? `one of: ${stepKinds.join(', ')}` : 'make a step of each',
    );
    return undefined;
  }
  const kind = kinds[0]!;
  const id = known.ids.of(path, kind === 'inject' ? (textAt(about, 'inject') ?? 'inject') : kind, textAt(about, 'id'));
  const description = textAt(about, 'description');
  const base = {
    id,
    path,
    start: readStart(about, path, known.findings),
    ...(description === undefined ? {} : { description }),
  };
  switch (kind) {
    case 'inject':
      return readInject(base, about, known);
    case 'await':
    case 'assert': {
      const condition = readCondition(about[kind]!, join(path, kind), known);
      if (!condition) return undefined;
      if (kind === 'await') return { ...base, kind, condition, within: durationAt(about, 'within', seconds(30)) };
      return { ...base, kind, condition, within: durationAt(about, 'within', seconds(5)), ...heldFor(about) };
    }
    case 'run':
      return readRun(base, about, known.findings);
    case 'pause':
      return { ...base, kind, for: durationAt(about, 'pause', milliseconds(0)) };
    case 'approve':
      return { ...base, kind, question: textAt(about, kind) ?? '', within: durationAt(about, 'within', minutes(10)) };
    case 'parallel':
    case 'sequence':
      return { ...base, kind, steps: readSteps(listAt(about, kind), join(path, kind), known) };
  }
}

type Base = Pick<InjectStep, 'id' | 'path' | 'start' | 'description'>;

const heldFor = (about: JsonObject): { for?: Duration } => {
  const held = durationAt(about, 'for');
  return held === undefined ? {} : { for: held };
};

function readStart(about: JsonObject, path: Pointer, findings: Findings): StartRule {
  if (Object.hasOwn(about, 'at') && Object.hasOwn(about, 'after'))
    findings.key(
      join(path, 'after'),
      'at-and-after',
      'a step starts "at" a time or "after" others, not both',
      'leave one of them out; "after: { step: …, delay: … }" adds a delay',
    );
  if (Object.hasOwn(about, 'at')) return { rule: 'at', offset: durationAt(about, 'at', milliseconds(0)) };
  const { after } = about;
  if (after === undefined) return { rule: 'previous' };
  if (isObject(after)) {
    const event = (textAt(after, 'event') as StepEventName | undefined) ?? 'default';
    return {
      rule: 'after',
      steps: [{ step: textAt(after, 'step') ?? '', event }],
      delay: durationAt(after, 'delay', milliseconds(0)),
    };
  }
  const steps = [after].flat().filter((one): one is string => typeof one === 'string');
  return { rule: 'after', steps: steps.map((step) => ({ step, event: 'default' })), delay: milliseconds(0) };
}

function readInject(base: Base, about: JsonObject, known: Known): InjectStep | undefined {
  const { findings } = known;
  const name = textAt(about, 'inject');
  if (name === undefined) return undefined;
  const fault = faultNamed(name);
  const target = textAt(about, 'target');
  if (!fault) {
    if (target !== undefined) checkName(target, join(base.path, 'target'), known);
    findings.value(
      join(base.path, 'inject'),
      'unknown-fault',
      `there is no fault "${name}"`,
      hintFor(
        name,
        faults.map((one) => one.name),
        'faults',
      ),
    );
    return undefined;
  }
  const parameters = decodeFields(fault.parameters, objectAt(about, 'with'));
  checkTarget(fault, target, parameters, base.path, known);
  if (!Object.hasOwn(about, 'with')) refuseMissingParameters(fault, base.path, findings);
  const contradiction = unlessMalformed(() => fault.contradiction?.(objectAt(about, 'with')));
  if (contradiction !== undefined) findings.value(join(base.path, 'with'), 'contradiction', contradiction);
  if (fault.held && isForSeveral(known.groups.get(target ?? '')) && !Object.hasOwn(about, 'for'))
    findings.value(
      join(base.path, 'inject'),
      'missing-key',
      'an injection into several targets says for how long it is held',
      'add "for"',
    );
  if (!fault.held && Object.hasOwn(about, 'for'))
    findings.key(
      join(base.path, 'for'),
      'not-held',
      `${name} is over at once: there is nothing to hold`,
      'leave "for" out; "pause" lets time pass',
    );
  return {
    ...base,
    kind: 'inject',
    fault: name,
    with: parameters,
    ...(target === undefined ? {} : { target }),
    ...heldFor(about),
  };
}

/** What a descriptor says of parameters that are as it expects them; of others the schema has told. */
function unlessMalformed(look: () => string | undefined): string | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** Whether more than one of a group may be picked. */
const isForSeveral = (group: TargetGroup | undefined): boolean =>
  group !== undefined && group.pick !== 'one' && group.members.length > 1;

function refuseMissingParameters({ name, parameters }: Fault, path: Pointer, findings: Findings): void {
  const missing = Object.entries(parameters).filter(
    ([, { optional, schema }]) => !optional && !('default' in schema) && !('drawn' in schema),
  );
  if (missing.length === 0) return;
  findings.value(
    join(path, 'inject'),
    'missing-key',
    `${name} needs ${missing.map(([key]) => `"${key}"`).join(' and ')}`,
    `with: { ${missing.map(([key]) => `${key}: …`).join(', ')} }`,
  );
}

function checkTarget(fault: Fault, id: string | undefined, parameters: JsonObject, path: Pointer, known: Known) {
  const { targets, findings } = known;
  const works = fault.targets.join(', ');
  if (id === undefined) {
    if (fault.targets.length > 0)
      findings.value(
        join(path, 'inject'),
        'missing-target',
        `${fault.name} needs a target`,
        `add "target:" with the name of a ${fault.targets.join(' or ')}`,
      );
    return;
  }
  const pointer = join(path, 'target');
  if (!checkName(id, pointer, known)) return;
  const group = known.groups.get(id);
  const meant = (group?.members ?? [id]).flatMap((one) => targets.get(one) ?? []);
  if (meant.length === 0) return;
  if (fault.targets.length === 0)
    return findings.value(pointer, 'needless-target', `${fault.name} takes no target`, 'leave it out');
  const wrong = meant.find(({ kind }) => !fault.targets.includes(kind));
  if (wrong)
    return findings.value(pointer, 'wrong-target', `${fault.name} works on: ${works}; ${wrong.id} is a ${wrong.kind}`);
  for (const one of meant) if (!checkFit(fault, one, parameters, path, known)) return;
}

/** Whether a target takes such a fault, in the way that was pinned. @returns whether it does */
function checkFit(fault: Fault, target: Target, parameters: JsonObject, path: Pointer, { findings }: Known): boolean {
  const refusalOf = (asked: JsonObject) => unlessMalformed(() => fault.refuses?.(target, asked as never));
  const { via, ...unpinned } = parameters;
  const way = join(join(path, 'with'), 'via');
  if (via !== undefined && !(fault.ways?.(target.kind) ?? []).includes(via as string)) {
    findings.value(way, 'no-such-way', noSuchWay(fault, target), 'leave "via" out');
    return false;
  }
  const refusal = refusalOf(parameters);
  if (refusal === undefined) return true;
  const isForItsWay = via !== undefined && refusalOf(unpinned) === undefined;
  findings.value(isForItsWay ? way : join(path, 'target'), isForItsWay ? 'no-such-way' : 'wrong-target', refusal);
  return false;
}

function noSuchWay({ name, ways }: Fault, { kind }: Target): string {
  const there = ways?.(kind);
  return `on a ${kind}, ${name} is done in ${there ? `these ways: ${there.join(', ')}` : 'one way only'}`;
}

/** @returns whether there is such a target */
function checkName(id: string, pointer: Pointer, { targetNames, findings }: Known): boolean {
  if (targetNames.includes(id)) return true;
  findings.value(pointer, 'unknown-target', `there is no target "${id}"`, hintFor(id, targetNames, 'targets'));
  return false;
}

/** One condition, or a list of which all have to hold. @returns `undefined` when nothing can be made of it */
export function readCondition(written: JsonValue, pointer: Pointer, known: Known): Condition | undefined {
  if (!Array.isArray(written)) return readSingle(written, pointer, known);
  const all = written.map((one, index) => readSingle(one, join(pointer, index), known));
  return all.every((one) => one !== undefined) ? { all } : undefined;
}

function readSingle(written: JsonValue, pointer: Pointer, { probes, findings }: Known): SingleCondition | undefined {
  if (isObject(written)) {
    const own = readProbe(written, pointer, findings);
    return own && { own };
  }
  if (typeof written !== 'string') return undefined;
  if (written === 'steady-state') {
    if (probes.length === 0)
      findings.value(
        pointer,
        'no-steady-state',
        'this scenario has no steady state to wait for',
        'add probes under "steadyState"',
      );
    return { steadyState: true };
  }
  if (!probes.includes(written))
    findings.value(
      pointer,
      'unknown-probe',
      `there is no probe "${written}"`,
      hintFor(written, ['steady-state', ...probes], 'probes'),
    );
  return { probe: written };
}

function readRun(base: Base, about: JsonObject, findings: Findings): Step {
  const written = about.run;
  const command = isObject(written) ? written : ({ command: written ?? [] } as JsonObject);
  const expect = objectAt(command, 'expect');
  const [cwd, stdout] = [textAt(command, 'cwd'), textAt(expect, 'stdout')];
  if (Object.hasOwn(about, 'within') && Object.hasOwn(command, 'timeout'))
    findings.key(
      join(base.path, 'within'),
      'two-limits',
      '"within" and "timeout" say the same of a run step',
      'leave one of them out',
    );
  const timeout = durationAt(about, 'within') ?? durationAt(command, 'timeout', seconds(60));
  return {
    ...base,
    kind: 'run',
    command: {
      argv: textsAt(command, 'command'),
      env: textsByName(objectAt(command, 'env')),
      timeout,
      ...(cwd === undefined ? {} : { cwd }),
    },
    expect: { exitCode: numberAt(expect, 'exitCode') ?? 0, ...(stdout === undefined ? {} : { stdout }) },
  };
}
