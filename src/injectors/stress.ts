import type { Effect, Sight } from '../model/fault.ts';
import type { Target, TargetKind } from '../model/scenario.ts';
import { inWords } from './in-words.ts';
import { observationLimitMs } from './observation-limit.ts';

/** Right after the load was put on: what it does shows in the end. */
export async function stressBegun(sight: Sight, doing: string): Promise<Effect> {
  const alive = (await sight.processes()).filter(({ state }) => state !== 'gone');
  if (alive.length === 0) return { seen: 'unseen', summary: 'it ended at once', figures: {} };
  return { seen: 'pending', summary: `${inWords(alive)} ${doing}`, figures: {} };
}

/** After the undo. What the process took the kernel gives back with its end. */
export async function stressEnded(sight: Sight): Promise<string | undefined> {
  const alive = async () => (await sight.processes()).filter(({ state }) => state !== 'gone');
  await sight.until(observationLimitMs, async () => (await alive()).length === 0 || undefined);
  const left = await alive();
  return left.length > 0 ? `${inWords(left)} still there` : undefined;
}

/** The target whose control groups bound the load, when it is a process. */
export const within = (target: Target | undefined): { within?: string } =>
  target?.kind === 'process' || target?.kind === 'running' ? { within: target.id } : {};

/** What a load on a process means, and what it needs. */
export const withinCgroups = `On a process, the load runs within the control groups of that process (its container, its
systemd unit): it competes for the processors and the memory that those may have, and nothing outside them is touched
beyond. A process that is in no control group of its own is refused. It takes the right to add to those groups: root, or
a user to whom they were delegated.`;

export const inGroupsOf = (on: TargetKind | undefined): string =>
  on === 'host' ? '' : ', in the control groups of the target';
