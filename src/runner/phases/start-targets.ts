import { statSync } from 'node:fs';
import { join } from 'node:path';
import { clockFileOf, faketimeEnvironment, setClock } from '../../host/faketime.ts';
import { inNetworkOf } from '../../host/isolation.ts';
import { namespaceExists } from '../../host/namespace.ts';
import { withResolverFile } from '../../host/resolver-file.ts';
import type { DirectoryTarget, HostTarget, NetworkTarget, ProcessTarget, Target } from '../../model/scenario.ts';
import type { Context } from '../context.ts';
import { findRunning } from '../injection/find.ts';
import { TargetFailed, untilReady } from '../supervisor/readiness.ts';
import { Supervisor } from '../supervisor/supervisor.ts';

/**
 * Starts or finds every target, each as soon as what it needs is ready, and waits until all are.
 * @throws TargetFailed with one line for the first that is not to be had; the others are given up
 */
export async function startTargets(context: Context, logs: string): Promise<void> {
  const giveUp = new AbortController();
  const signal = AbortSignal.any([context.aborted, giveUp.signal]);
  const ready = new Map<string, Promise<void>>();
  for (const target of context.plan.targets) {
    const needed = target.needs.map((id) => ready.get(id));
    const started = Promise.all(needed).then(() => startTarget(target, context, logs, signal));
    started.catch((error) => giveUp.abort(error));
    ready.set(target.id, started);
  }
  const all = await Promise.allSettled(ready.values());
  context.aborted.throwIfAborted();
  if (giveUp.signal.aborted) throw giveUp.signal.reason;
  const failed = all.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

async function startTarget(target: Target, context: Context, logs: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  switch (target.kind) {
    case 'process':
      return await startProcess(target, context, logs, signal);
    case 'proxy':
      return await told(target, context, async () => {
        await context.links.open(target);
        return undefined;
      });
    case 'host':
    case 'network':
    case 'directory':
      return await told(target, context, async () => checkPlace(target));
    case 'running':
      return await told(target, context, async () => {
        const [first] = findRunning(target);
        if (target.ready)
          await untilReady(target.ready, { clock: context.clock, probe: await prober(context) }, signal);
        return first?.pid;
      });
  }
}

async function startProcess(
  target: Extract<Target, { kind: 'process' }>,
  context: Context,
  logs: string,
  signal: AbortSignal,
): Promise<void> {
  const { run, clock, emit, journal, scratch } = context;
  // Ids hold no slashes, but a file name is built from them: better told twice.
  const logFile = join(logs, `${encodeURIComponent(target.id).replaceAll('.', '%2E')}.log`);
  const probe = target.ready
    ? await prober(context)
    : () => Promise.reject(new Error(`${target.id} has no readiness probe`));
  const within = await launchWords(target, context);
  const environment = launchEnvironment(target, context);
  const supervisor = new Supervisor(target, {
    within,
    environment,
    run,
    clock,
    emit,
    journal,
    scratch,
    logFile,
    probe,
  });
  context.supervisors.set(target.id, supervisor);
  await supervisor.start(signal);
}

/** What stands before its command so that faults can reach it later. @throws TargetFailed */
async function launchWords(target: ProcessTarget, { resolvers, isolations, emit }: Context): Promise<string[]> {
  const { id, isolate, launch } = target;
  try {
    return [
      ...(isolate ? inNetworkOf(await isolations.open(id, isolate.network)) : []),
      ...(launch?.resolver ? withResolverFile(await resolvers.fileFor(id)) : []),
    ];
  } catch (error) {
    const message = `${id} cannot be started: ${(error as Error).message}`;
    emit({ type: 'target-failed', target: id, message, lastOutput: '' });
    throw new TargetFailed(message);
  }
}

/** What it needs in its environment so that its clock can be set. */
function launchEnvironment({ id, launch, env }: ProcessTarget, { scratch }: Context): Record<string, string> {
  if (!launch?.clock) return {};
  const file = clockFileOf(id, scratch);
  setClock(file);
  return faketimeEnvironment(file, env.LD_PRELOAD ?? process.env.LD_PRELOAD);
}

/** @throws with one line when it is not there */
export function checkPlace(target: HostTarget | NetworkTarget | DirectoryTarget): undefined {
  if (target.kind === 'host') checkNamespace(target.namespace);
  if (target.kind === 'network')
    for (const node of Object.values(target.nodes)) if (node.here) checkNamespace(node.namespace);
  if (target.kind === 'directory' && !statSync(target.directory, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`${target.directory} is not a directory`);
}

function checkNamespace(namespace: string | undefined): void {
  if (!namespaceExists(namespace)) throw new Error(`there is no network namespace ${namespace}`);
}

/** Tells the start of a target that is not a process of ours. */
async function told(target: Target, { emit, clock }: Context, start: () => Promise<number | undefined>): Promise<void> {
  const startedMs = clock.now();
  emit({ type: 'target-started', target: target.id, generation: 1 });
  try {
    const pid = await start();
    emit({
      type: 'target-ready',
      target: target.id,
      generation: 1,
      afterMs: clock.now() - startedMs,
      ...(pid === undefined ? {} : { pid }),
    });
  } catch (error) {
    const { message } = error as Error;
    emit({ type: 'target-failed', target: target.id, message, lastOutput: '' });
    throw new TargetFailed(message);
  }
}

async function prober(context: Context): Promise<ConstructorParameters<typeof Supervisor>[1]['probe']> {
  const sampler = await context.sampler();
  return (spec) => sampler.once(spec);
}
