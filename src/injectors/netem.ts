import type { Effect, Sight } from '../model/fault.ts';
import { text } from '../model/field.ts';
import type { Need } from '../model/need.ts';
import type { Action } from '../model/operation.ts';
import type { TargetKind } from '../model/scenario.ts';

/** What every fault needs that works by the kernel's netem. */
export const netemNeeds = (target: TargetKind | undefined): Need[] =>
  target === 'host'
    ? [
        { need: 'root', why: 'change how an interface sends' },
        { need: 'program', program: 'tc', package: 'iproute2' },
        { need: 'kernel', feature: 'netem' },
      ]
    : [];

export const networkInterface = text({
  description:
    'On a host: the interface through which packets leave. By default that of the default route, or the only one of a namespace.',
  pattern: '^[^\\s/]{1,15}$',
  optional: true,
  examples: ['eth0', 'lo'],
});

/** @param words as tc takes them: `delay`, `100ms` */
export function throughNetem(
  target: string,
  device: string | undefined,
  words: string[],
): { inject: Action[]; undo: Action[] } {
  const where = { target, ...(device === undefined ? {} : { interface: device }) };
  return { inject: [{ op: 'netem-add', ...where, netem: words }], undo: [{ op: 'netem-delete', ...where }] };
}

/** As tc takes it: `30%`. @param share 0..1 */
export const tcPercent = (share: number): string => `${Number((share * 100).toFixed(4))}%`;

export async function netemBegun(sight: Sight): Promise<Effect> {
  if (await sight.queue())
    return { seen: 'pending', summary: 'in force: what it does shows as packets pass', figures: {} };
  return { seen: 'unseen', summary: 'netem is not there', figures: {} };
}

/** What went through it. How many of them netem hit the kernel does not count. @param asked `100 ms later` */
export async function netemTotal(sight: Sight, asked: string): Promise<Effect> {
  const passed = await sight.queue();
  const figures = { packets: passed?.packets ?? 0, bytes: passed?.bytes ?? 0 };
  if (!passed) return { seen: 'unseen', summary: 'netem was gone before its time', figures };
  if (passed.packets === 0) return { seen: 'unseen', summary: 'no packet left while it was in force', figures };
  return { seen: 'seen', summary: `${passed.packets} packets sent through it: ${asked}`, figures };
}

export const netemEnded = async (sight: Sight): Promise<string | undefined> =>
  (await sight.queue()) === undefined ? undefined : 'netem is still there';
