import type { Outcome } from '../../model/event.ts';
import type { Plan } from '../../model/plan.ts';
import type { Context } from '../context.ts';
import { approve } from '../steps/approve.ts';
import { orAborted } from '../stopping.ts';

type Item = Plan['checklist'][number];

/** Goes through the checklist: first what probes see, all at once, then what people confirm, one after another. */
export async function goThroughChecklist(context: Context): Promise<{ outcome: Outcome; message?: string }> {
  const { checklist } = context.plan;
  const seen = await Promise.all(
    checklist.map(async (item) => ('probe' in item.by ? await check(item, context) : undefined)),
  );
  const wrong = seen.filter((message) => message !== undefined);
  if (wrong.length > 0) return { outcome: 'failed', message: wrong.join('; ') };
  for (const item of checklist) if ('person' in item.by) await confirm(item, context);
  return { outcome: 'passed' };
}

/** @returns what is wrong */
async function check({ id, title, by }: Item, { sampler, emit, aborted }: Context): Promise<string | undefined> {
  if (!('probe' in by)) return undefined;
  const { state, reason } = await orAborted((await sampler()).once(by.probe), aborted);
  if (state === 'good') {
    emit({ type: 'item-checked', item: id, outcome: 'passed' });
    return undefined;
  }
  const message = `${title}: ${state === 'bad' ? 'no' : 'nobody knows'}${reason === undefined ? '' : `: ${reason}`}`;
  emit({ type: 'item-checked', item: id, outcome: state === 'bad' ? 'failed' : 'unknown', message });
  return `${id}: ${message}`;
}

/** @throws RunAborted unless it was confirmed */
async function confirm({ id, title, by }: Item, context: Context): Promise<void> {
  if (!('person' in by)) return;
  const { outcome, message } = await approve({ id, question: title, ...by.person }, context, context.aborted);
  context.emit({ type: 'item-checked', item: id, outcome, ...(message === undefined ? {} : { message }) });
  context.aborted.throwIfAborted();
}
