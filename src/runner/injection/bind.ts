import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cgroupsApart } from '../../host/cgroups.ts';
import { clockFileOf, skewOf } from '../../host/faketime.ts';
import { nameserversOf } from '../../host/nameservers.ts';
import { limitFor, openFiles } from '../../host/open-files.ts';
import { ageMsOf } from '../../host/processes.ts';
import type { Command } from '../../model/command.ts';
import { milliseconds } from '../../model/duration.ts';
import type { Action, Operation, ProcessIdentity, ProxyFault, Undo } from '../../model/operation.ts';
import { everyLink } from '../../resolver/every-link.ts';
import type { Context } from '../context.ts';
import { queuesOf, rulesOf, tableOf, waysOut } from './bind-packets.ts';
import { family, findRunning } from './find.ts';
import { freezable } from './freezable.ts';
import { protectedAmong, refusalOf } from './protected.ts';
import { hostNamed, targetNamed } from './targets.ts';

/** Turns what the plan says of targets into what can be done: pids with their start times, sockets, directories. */
export async function bind(action: Action, step: string, context: Context): Promise<Operation> {
  switch (action.op) {
    case 'signal':
      return { op: 'signal', processes: victimsOf(action.target, action.tree, context), signal: action.signal };
    case 'freeze':
      return { op: 'freeze', ...groupsOf(action.target, context) };
    case 'thaw':
      return { op: 'thaw', groups: groupsOf(action.target, context).groups };
    case 'restart':
      return { ...action, processes: victimsOf(action.target, true, context) };
    case 'proxy-add':
      return { op: 'proxy-add', socket: context.links.socketPath, proxy: action.target, fault: action.fault };
    case 'proxy-remove':
      return { op: 'proxy-remove', socket: context.links.socketPath, proxy: action.target, faultId: action.faultId };
    case 'limit-files':
      return {
        op: 'limit-files',
        limits: limitsOf(action, context, (pid) => action.limit ?? limitFor(pid, action.spare ?? 0)),
      };
    case 'restore-files':
      return { op: 'limit-files', limits: limitsOf(action, context, (pid) => openFiles(pid)!.limit) };
    case 'nft-add':
      return { op: 'nft-add', ...tableOf(action, step, context), rules: await rulesOf(action, context) };
    case 'nft-delete':
      return { op: 'nft-delete', ...tableOf(action, step, context) };
    case 'nft-redirect': {
      const { namespace } = hostNamed(action.target, context);
      const nameservers = action.nameservers ?? nameserversOf(namespace);
      const redirection = await context.resolvers.redirection(namespace, nameservers);
      return { op: 'nft-redirect', ...tableOf(action, step, context), redirection };
    }
    case 'resolver-add':
      return { op: 'resolver-add', ...resolverOf(action.target, context), fault: resolverFault(action, context) };
    case 'resolver-remove': {
      const { namespace, proxy } = resolverOf(action.target, context);
      return { op: 'proxy-remove', socket: context.resolvers.socketPath(namespace), proxy, faultId: action.faultId };
    }
    case 'qdisc-add':
      return { op: 'qdisc-add', ways: await waysOut(action, context), impairment: action.impairment };
    case 'qdisc-delete':
      return { op: 'qdisc-delete', queues: await queuesOf(action, context) };
    case 'stress':
      return { op: 'stress', work: action.work, cgroups: cgroupsWithin(action.within, context) };
    case 'trace':
      return {
        op: 'trace',
        processes: victimsOf(action.target, action.tree, context),
        tampering: { ...action.tampering, paths: action.tampering.paths.flatMap(filesIn) },
      };
    case 'set-clock': {
      const roots = rootsOf(action.target, context);
      return {
        op: 'set-clock',
        file: clockFileOf(action.target, context.scratch),
        processes: family(roots, true),
        skew: skewOf(action.offsetMs, action.rate, ageMsOf(roots[0]!)),
      };
    }
    case 'reset-clock':
      return { op: 'reset-clock', file: clockFileOf(action.target, context.scratch) };
    case 'stop-stress':
      return { op: 'stop-marked', run: context.run, step, grace: milliseconds(500) };
    case 'run':
      return { op: 'run', command: placed(action.command) };
  }
}

export const bindUndo = async (action: Action, step: string, context: Context): Promise<Undo> =>
  (await bind(action, step, context)) as Undo;

/** The processes of a target that are harmed. @throws when one of them is protected */
function victimsOf(id: string, tree: boolean, context: Context): ProcessIdentity[] {
  const processes = family(rootsOf(id, context), tree);
  const found = protectedAmong(processes, context.plan.safety.allow);
  if (found) throw new Error(`${id}: ${refusalOf(found)}`);
  return processes;
}

/** The processes at the root of a target. @throws with one line when it is not there to be harmed */
function rootsOf(id: string, context: Context): ProcessIdentity[] {
  const target = targetNamed(id, context);
  if (target.kind === 'running') return findRunning(target);
  const process = context.supervisors.get(id)?.process;
  if (!process) throw new Error(`${id} is not running`);
  return [process];
}

const groupsOf = (id: string, context: Context) => freezable(id, rootsOf(id, context), context.plan.safety.allow);

/** @throws when the target is in none of its own: the load would be on the whole machine */
function cgroupsWithin(target: string | undefined, context: Context): string[] {
  if (target === undefined) return [];
  const directories = new Set(rootsOf(target, context).flatMap(({ pid }) => cgroupsApart(pid)));
  if (directories.size === 0)
    throw new Error(`${target} is in no control group of its own: put the load on the host that it runs on`);
  return [...directories];
}

/** What each process may have open, by what it may and what it has now. */
function limitsOf(
  { target, tree }: { target: string; tree: boolean },
  context: Context,
  soft: (pid: number) => number,
): { process: ProcessIdentity; soft: number }[] {
  return victimsOf(target, tree, context).flatMap((process) => {
    return openFiles(process.pid) ? [{ process, soft: soft(process.pid) }] : [];
  });
}

/** The resolver that a target's queries pass, and which of them are its. */
function resolverOf(id: string, context: Context): { namespace?: string; proxy: string } {
  const target = targetNamed(id, context);
  if (target.kind === 'process') return { proxy: id };
  const { namespace } = hostNamed(id, context);
  return { proxy: everyLink, ...(namespace === undefined ? {} : { namespace }) };
}

/** The queries of a host are those to its nameservers; all that come from a process are its. */
function resolverFault(
  { target, fault, nameservers }: Extract<Action, { op: 'resolver-add' }>,
  context: Context,
): ProxyFault {
  if (targetNamed(target, context).kind === 'process') return fault;
  const { namespace } = hostNamed(target, context);
  return { ...fault, settings: { ...fault.settings, nameservers: nameservers ?? nameserversOf(namespace) } };
}

/** Wherever it is undone, it is undone in the directory that `chaos` was called in. */
const placed = (command: Command): Command => ({ ...command, cwd: resolve(command.cwd ?? '.') });

/** What a tracer can tell apart are files, not directories. */
function filesIn(path: string): string[] {
  const whole = resolve(path);
  if (!statSync(whole, { throwIfNoEntry: false })?.isDirectory()) return [whole];
  const files = readdirSync(whole, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  if (files.length > mostFiles)
    throw new Error(`${whole} holds more than ${mostFiles} files: name those that are meant`);
  return files.map((entry) => join(entry.parentPath, entry.name));
}

const mostFiles = 1000;
