import { setClock } from '../../host/faketime.ts';
import { freeze } from '../../host/freezer.ts';
import { administratorsPath } from '../../host/namespace.ts';
import { nftArgv, rulesetOf, type Table } from '../../host/nft.ts';
import { limitOpenFiles, openFiles } from '../../host/open-files.ts';
import { tracerOf } from '../../host/processes.ts';
import { redirectionOf } from '../../host/redirect.ts';
import { runCommand } from '../../host/run-command.ts';
import { signalProcess } from '../../host/signal.ts';
import { stopProcesses } from '../../host/stop.ts';
import { type CommandResult, commandFailure } from '../../model/command.ts';
import { seconds } from '../../model/duration.ts';
import type { FrozenGroup, Operation } from '../../model/operation.ts';
import type { Context } from '../context.ts';
import { type StressProcess, startStress } from '../instruments/stress.ts';
import { startTrace, type Trace } from '../instruments/trace.ts';
import { untilReady } from '../supervisor/readiness.ts';
import type { Met } from './sight.ts';
import { targetNamed } from './targets.ts';

/** What an operation left to look at. */
export interface Performed {
  result?: CommandResult;
  stress?: StressProcess;
  trace?: Trace;
  /** The file that sets it. */
  clock?: string;
  table?: Table;
  frozen?: FrozenGroup[];
  resolver?: Met['resolvers'][number];
  limited?: Met['limited'];
}

/**
 * Does one thing to the world.
 * @param about.deadlineMs after so long what can end by itself has to
 * @throws InjectionFailed when it was not done, or only in part
 */
export async function perform(
  operation: Operation,
  about: { step: string; deadlineMs?: number },
  context: Context,
  signal: AbortSignal,
): Promise<Performed> {
  switch (operation.op) {
    case 'signal':
      for (const one of operation.processes) signalProcess(one, operation.signal);
      return {};
    case 'freeze':
      for (const group of operation.groups) freeze(group);
      return { frozen: operation.groups };
    case 'proxy-add':
      await context.links.add(operation.proxy, operation.fault);
      return {};
    case 'restart':
      await restart(operation, context, signal);
      return {};
    case 'limit-files': {
      const limited = operation.limits.map((one) => ({
        ...one,
        before: openFiles(one.process.pid)?.limit ?? one.soft,
      }));
      for (const { process, soft } of operation.limits) await limitOpenFiles(process, soft);
      return { limited };
    }
    case 'nft-add':
      await useTool(nftArgv(operation, rulesetOf(operation.table, operation.rules, about.deadlineMs)), context, signal);
      return { table: operation };
    case 'nft-redirect':
      await useTool(
        nftArgv(operation, redirectionOf(operation.table, operation.redirection, about.deadlineMs)),
        context,
        signal,
      );
      return { table: operation };
    case 'resolver-add': {
      const { namespace, proxy, fault } = operation;
      const expiry = about.deadlineMs === undefined ? {} : { deadlineMs: about.deadlineMs };
      await context.resolvers.add(namespace, proxy, { ...fault, settings: { ...fault.settings, ...expiry } });
      return { resolver: { namespace, proxy } };
    }
    case 'qdisc-add':
      for (const way of operation.ways)
        await context.queues.add(way, {
          id: about.step,
          impairment: operation.impairment,
          use: (argv) => useTool(argv, context, signal),
        });
      return {};
    case 'stress':
      return {
        stress: await startStress(operation.work, {
          ...about,
          entry: context.stressEntry,
          run: context.run,
          cgroups: operation.cgroups,
          signal,
        }),
      };
    case 'set-clock':
      setClock(operation.file, operation.skew);
      return { clock: operation.file };
    case 'trace': {
      const traced = operation.processes.find(({ pid }) => tracerOf(pid) !== 0);
      if (traced) throw new InjectionFailed(`pid ${traced.pid} is traced already, by pid ${tracerOf(traced.pid)}`);
      return {
        trace: await startTrace(operation.processes, operation.tampering, { ...about, run: context.run, signal }),
      };
    }
    case 'run': {
      // It holds the guardian's pipe open: should we die now, nothing is undone before it has ended.
      const result = await runCommand(operation.command, {
        run: context.run,
        signal,
        lifeline: context.guardian.lifeline,
        survivors: 'leave',
      });
      return { result };
    }
    default:
      throw new Error(`${operation.op} is no injection`);
  }
}

/** @throws InjectionFailed when the tool does not succeed */
async function useTool(argv: string[], context: Context, signal: AbortSignal): Promise<void> {
  const result = await runCommand(
    { argv, env: { PATH: administratorsPath() }, timeout: seconds(10) },
    // It holds the guardian's pipe open: should we die now, nothing is undone before it has ended.
    { run: context.run, signal, lifeline: context.guardian.lifeline },
  );
  const failure = commandFailure(result);
  if (failure) throw new InjectionFailed(failure, result);
}

/** The harm was not done, or not whole. */
export class InjectionFailed extends Error {
  readonly result: CommandResult | undefined;
  constructor(message: string, result?: CommandResult) {
    super(message);
    this.result = result;
  }
}

async function restart(
  { target: id, processes, signal, grace }: Extract<Operation, { op: 'restart' }>,
  context: Context,
  aborted: AbortSignal,
): Promise<void> {
  const target = targetNamed(id, context);
  const supervisor = context.supervisors.get(id);
  if (supervisor) return await supervisor.restart(signal, grace, aborted);
  if (target.kind !== 'running' || !target.restartCommand)
    throw new InjectionFailed(`nobody knows how to start ${id} again`);
  await stopProcesses(processes, signal, grace);
  const result = await runCommand(target.restartCommand, {
    run: `${context.run}-kept`,
    signal: aborted,
    survivors: 'leave',
  });
  const failure = commandFailure(result);
  if (failure) throw new InjectionFailed(failure, result);
  if (target.ready) {
    const sampler = await context.sampler();
    await untilReady(target.ready, { clock: context.clock, probe: (spec) => sampler.once(spec) }, aborted);
  }
}
