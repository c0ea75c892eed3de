import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { createServer, isIPv6 } from 'node:net';
import { dirname } from 'node:path';
import { isolationNeeds } from '../host/isolation.ts';
import { lackOf } from '../host/needs.ts';
import { redirectNeeds } from '../host/port-redirect.ts';
import { findProgram } from '../host/programs.ts';
import { secretNamed, secretsIn, shortestSecret } from '../host/secrets.ts';
import { faultNamed } from '../injectors/registry.ts';
import type { Need } from '../model/need.ts';
import type { Plan, PlannedStep } from '../model/plan.ts';
import type { ProcessTarget, Target } from '../model/scenario.ts';
import { family, findRunning } from './injection/find.ts';
import { freezable } from './injection/freezable.ts';
import { protectedAmong, refusalOf } from './injection/protected.ts';
import { allowing, lockoutsOf } from './lockout/lockouts.ts';
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
  return [...targets.flat(), ...plan.steps.flatMap(ofProgram), ...(await lacksOfMechanisms(plan))];
}

/** What its faults and links need of this machine and do not find: none of it may be found out halfway. */
export async function lacksOfMechanisms(plan: Plan): Promise<PlanLack[]> {
  if (plan.isSham) return [...lacksOfSecrets(plan), ...lacksOfTargets(plan)];
  return [
    ...lacksOfSecrets(plan),
    ...lacksOfTargets(plan),
    ...lacksOfFaults(plan),
    ...protectedTargets(plan),
    ...unfreezable(plan),
    ...(await lockedOut(plan)),
  ];
}

/** Whom it would lock out of what: us, or people of this machine. */
export async function lockedOut(plan: Plan): Promise<PlanLack[]> {
  const found = plan.steps.map(async (step) =>
    (await lockoutsOf(step, plan)).map((one) => ({
      where: `step ${step.id}`,
      message: one.message,
      remedy: allowing(one),
    })),
  );
  return (await Promise.all(found)).flat();
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

const lacksOfSecrets = (plan: Plan): PlanLack[] =>
  secretsIn(plan).flatMap((name) => {
    const value = secretNamed(name);
    const remedy = `set the variable ${name}, or write /run/secrets/${name}`;
    if (value === undefined) return [{ where: 'secrets', message: `there is no secret ${name}`, remedy }];
    const message = `the secret ${name} is too short to be hidden: it takes ${shortestSecret} characters`;
    return value.length < shortestSecret ? [{ where: 'secrets', message, remedy: 'choose a longer one' }] : [];
  });

const lacksOfTargets = ({ targets }: Plan): PlanLack[] =>
  targets.flatMap((target) => {
    const where = `target ${target.id}`;
    if (target.kind === 'proxy' && target.transparent) return lacking(where, 'transparent', redirectNeeds);
    return target.kind === 'process' && target.isolate ? lacking(where, 'isolate', isolationNeeds) : [];
  });

const lacking = (where: string, what: string, needs: Need[]): PlanLack[] =>
  needs.flatMap((need) => {
    const lack = lackOf(need);
    return lack ? [{ where, message: `${what}: ${lack.message}`, remedy: lack.remedy }] : [];
  });

function lacksOfFaults({ steps, targets }: Plan): PlanLack[] {
  const kinds = new Map(targets.map(({ id, kind }) => [id, kind]));
  return steps.flatMap(({ id, action }) => {
    if (action.kind !== 'inject') return [];
    const kind = action.target === undefined ? undefined : kinds.get(action.target);
    const needs = faultNamed(action.fault)?.needs?.(kind, action.with.via as string | undefined) ?? [];
    return lacking(`step ${id}`, action.fault, needs);
  });
}

async function ofTarget(target: Target): Promise<PlanLack[]> {
  const where = `target ${target.id}`;
  switch (target.kind) {
    case 'process':
      return [...noProgram(where, target.command[0]!, target.cwd), ...(await taken(where, target))];
    case 'running':
      return failing(where, 'start it, or correct how it is found', () => findRunning(target));
    case 'proxy':
      return await isFree(where, target.listen, target.protocol === 'udp');
    case 'host':
      return failing(where, `ip netns add ${target.namespace}`, () => checkPlace(target));
    case 'network':
      return failing(where, 'ip netns add, or correct its name', () => checkPlace(target));
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

/** The ports that an isolated process publishes and somebody else has. */
const taken = async (where: string, { isolate }: ProcessTarget): Promise<PlanLack[]> =>
  (await Promise.all((isolate?.network.publish ?? []).map((port) => isFree(where, `127.0.0.1:${port}`)))).flat();

/** Whether an address can be listened on: it is, for a moment. A Unix socket can where there is nothing, but a folder. */
async function isFree(where: string, listen: string, isDatagrams = false): Promise<PlanLack[]> {
  if (listen.startsWith('unix:')) return unixLack(where, listen.slice('unix:'.length));
  const [, host = '', port = ''] = /^\[?(.*?)\]?:([0-9]+)$/.exec(listen) ?? [];
  const error = await (isDatagrams ? bindError : listenError)(host, Number(port));
  if (!error) return [];
  return [
    {
      where,
      message: `${listen} cannot be listened on: ${error.code}`,
      remedy: 'choose another port, or end who uses it',
    },
  ];
}

function unixLack(where: string, path: string): PlanLack[] {
  if (existsSync(path))
    return [
      { where, message: `${path} is there already`, remedy: 'choose another path, or remove it if nobody uses it' },
    ];
  const folder = dirname(path);
  if (existsSync(folder)) return [];
  return [{ where, message: `there is no directory ${folder}`, remedy: `mkdir -p ${folder}` }];
}

const listenError = (host: string, port: number): Promise<NodeJS.ErrnoException | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });

const bindError = (host: string, port: number): Promise<NodeJS.ErrnoException | undefined> =>
  new Promise((resolve) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    socket.once('error', (error) => {
      socket.close();
      resolve(error);
    });
    socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve(undefined)));
  });
