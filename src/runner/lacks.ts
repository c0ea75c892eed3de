import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { lackOf } from '../host/needs.ts';
import { redirectNeeds } from '../host/port-redirect.ts';
import { findProgram } from '../host/programs.ts';
import { faultNamed } from '../injectors/registry.ts';
import type { Plan, PlannedStep } from '../model/plan.ts';
import type { Target } from '../model/scenario.ts';
import { family, findRunning } from './injection/find.ts';
import { freezable } from './injection/freezable.ts';
import { protectedAmong, refusalOf } from './injection/protected.ts';
import { checkPlace } from './phases/start-targets.ts';

/** What a plan needs of this machine and does not find. `where` is `target NAME` or `step ID`. */
export interface PlanLack {
  where: string;
  message: string;
  remedy: string;
}

/** Everything that keeps a plan from being run here, as far as can be seen without starting anything. */
export async function lacksOf(plan: Plan): Promise<PlanLack[]> {
  const targets = await Promise.all(plan.targets.map(ofTarget));
  return [...targets.flat(), ...plan.steps.flatMap(ofProgram), ...lacksOfMechanisms(plan)];
}

/** What its faults and links need of this machine and do not find: none of it may be found out halfway. */
export function lacksOfMechanisms(plan: Plan): PlanLack[] {
  return [...lacksOfLinks(plan), ...lacksOfFaults(plan), ...protectedTargets(plan), ...unfreezable(plan)];
}

/** Processes that are there already and are not to be harmed. What is started later is looked at when its time has come. */
function protectedTargets({ steps, targets, safety }: Plan): PlanLack[] {
  const running = new Map(targets.flatMap((target) => (target.kind === 'running' ? [[target.id, target]] : [])));
  return steps.flatMap(({ id, action }) => {
    if (action.kind !== 'inject') return [];
    const harming = action.inject.find((one) => 'tree' in one || one.op === 'restart');
    const target = action.target === undefined ? undefined : running.get(action.target);
    if (!harming || !target) return [];
    const roots = orNone(() => findRunning(target)) ?? [];
    const found = protectedAmong(family(roots, 'tree' in harming ? harming.tree : true), safety.allow);
    return found
      ? [{ where: `step ${id}`, message: `${target.id}: ${refusalOf(found)}`, remedy: 'name another process' }]
      : [];
  });
}

/** What is not there yet, nobody can look at. */
function orNone<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/** Processes that are there already and stand in no control group that could be frozen for them alone. */
function unfreezable({ steps, targets, safety }: Plan): PlanLack[] {
  const running = new Map(targets.flatMap((target) => (target.kind === 'running' ? [[target.id, target]] : [])));
  return steps.flatMap(({ id, action }) => {
    if (action.kind !== 'inject' || !action.inject.some(({ op }) => op === 'freeze')) return [];
    const target = running.get(action.target!);
    const roots = target && orNone(() => findRunning(target));
    const remedy = 'give it a control group of its own (systemd-run --scope, say), or leave out "via: freezer"';
    return roots ? failing(`step ${id}`, remedy, () => freezable(action.target!, roots, safety.allow)) : [];
  });
}

const lacksOfLinks = ({ targets }: Plan): PlanLack[] =>
  targets.flatMap((target) => {
    if (target.kind !== 'proxy' || !target.transparent) return [];
    return redirectNeeds.flatMap((need) => {
      const lack = lackOf(need);
      return lack
        ? [{ where: `target ${target.id}`, message: `transparent: ${lack.message}`, remedy: lack.remedy }]
        : [];
    });
  });

function lacksOfFaults({ steps, targets }: Plan): PlanLack[] {
  const kinds = new Map(targets.map(({ id, kind }) => [id, kind]));
  return steps.flatMap(({ id, action }) => {
    if (action.kind !== 'inject') return [];
    const kind = action.target === undefined ? undefined : kinds.get(action.target);
    const needs = faultNamed(action.fault)?.needs?.(kind, action.with.via as string | undefined) ?? [];
    return needs.flatMap((need) => {
      const lack = lackOf(need);
      return lack ? [{ where: `step ${id}`, message: `${action.fault}: ${lack.message}`, remedy: lack.remedy }] : [];
    });
  });
}

async function ofTarget(target: Target): Promise<PlanLack[]> {
  const where = `target ${target.id}`;
  switch (target.kind) {
    case 'process':
      return noProgram(where, target.command[0]!, target.cwd);
    case 'running':
      return failing(where, 'start it, or correct how it is found', () => findRunning(target));
    case 'proxy':
      return await isFree(where, target.listen);
    case 'host':
      return failing(where, `ip netns add ${target.namespace}`, () => checkPlace(target));
    case 'directory':
      return failing(where, `mkdir -p ${target.directory}`, () => checkPlace(target));
  }
}

function ofProgram({ id, action }: PlannedStep): PlanLack[] {
  const where = `step ${id}`;
  if (action.kind === 'run') return noProgram(where, action.command.argv[0]!, action.command.cwd);
  if (action.kind !== 'inject') return [];
  return [...action.inject, ...action.undo].flatMap((one) =>
    one.op === 'run' ? noProgram(where, one.command.argv[0]!, one.command.cwd) : [],
  );
}

function noProgram(where: string, name: string, cwd: string | undefined): PlanLack[] {
  if (cwd !== undefined && !existsSync(cwd))
    return [{ where, message: `there is no directory ${cwd}`, remedy: 'correct "cwd", or call chaos elsewhere' }];
  if (findProgram(name, cwd === undefined ? {} : { cwd })) return [];
  return [{ where, message: `there is no program ${name}`, remedy: 'install it, or correct PATH' }];
}

function failing(where: string, remedy: string, check: () => unknown): PlanLack[] {
  try {
    check();
    return [];
  } catch (error) {
    return [{ where, message: (error as Error).message, remedy }];
  }
}

/** Whether a port can be listened on: it is, for a moment. */
async function isFree(where: string, listen: string): Promise<PlanLack[]> {
  const [, host = '', port = ''] = /^\[?(.*?)\]?:([0-9]+)$/.exec(listen) ?? [];
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port: Number(port), exclusive: true }, () => server.close(() => resolve(undefined)));
  });
  if (!error) return [];
  return [
    {
      where,
      message: `${listen} cannot be listened on: ${error.code}`,
      remedy: 'choose another port, or end who uses it',
    },
  ];
}
