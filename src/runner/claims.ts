import { resolve } from 'node:path';
import type { Plan } from '../model/plan.ts';
import type { Target } from '../model/scenario.ts';
import { findRunning } from './injection/find.ts';
import { type KnownRun, knownRuns } from './journal/known-runs.ts';

/**
 * What a run will harm that others might harm, too, by names that mean the same in every run. What the run starts itself
 * is nobody else's.
 */
export function claimsOf({ steps, targets }: Plan): string[] {
  const harmed = new Set(steps.flatMap(({ action }) => (action.kind === 'inject' ? (action.target ?? []) : [])));
  return targets.filter(({ id }) => harmed.has(id)).flatMap(claimsOfTarget);
}

function claimsOfTarget(target: Target): string[] {
  switch (target.kind) {
    case 'running':
      return pidsOf(target).map((pid) => `the process ${pid}`);
    case 'host':
      return [claimOfHost(target.namespace)];
    case 'network':
      return Object.values(target.nodes).flatMap((node) => (node.here ? [claimOfHost(node.namespace)] : []));
    case 'directory':
      return [`the directory ${resolve(target.directory)}`];
    case 'process':
    case 'proxy':
      return [];
  }
}

const claimOfHost = (namespace: string | undefined): string =>
  namespace === undefined ? 'this machine' : `the network namespace ${namespace}`;

/** One that is not there will be told when the targets are started. */
function pidsOf(target: Extract<Target, { kind: 'running' }>): number[] {
  try {
    return findRunning(target).map(({ pid }) => pid);
  } catch {
    return [];
  }
}

/** A run in progress that harms what this one claims. Of two that begin at the same moment, both may be refused. */
export async function rivalOf(run: string, claims: string[]): Promise<{ rival: KnownRun; claim: string } | undefined> {
  if (claims.length === 0) return undefined;
  for (const rival of await knownRuns()) {
    if (rival.run === run || !rival.goesOn) continue;
    const claim = claims.find((one) => rival.header?.claims?.includes(one));
    if (claim !== undefined) return { rival, claim };
  }
  return undefined;
}
