import type { Effect, Mechanism, Sight } from '../model/fault.ts';
import type { TargetKind } from '../model/scenario.ts';
import { percent } from './in-words.ts';
import { queueOnProcess } from './queue.ts';

/** Where it differs from a real line: netem stands where packets leave, and draws by itself. */
export const netemMechanism = (on: TargetKind | undefined): Mechanism => {
  const drawn = 'which packets are hit differs from run to run';
  return on === 'host'
    ? { by: "the kernel's netem", cannot: `what comes in is not touched; ${drawn}` }
    : { by: "the kernel's netem in the network namespace of the process", cannot: drawn };
};

/** For the descriptions of all that work by it. */
export const netemOnHost = `On a host it works on what leaves an interface, by the kernel's netem; through the loopback interface leave both sides of a
conversation. An interface has one such fault (or \`network-bandwidth\`) at a time, beside any number of \`network-loss\`,
\`network-partition\` and \`connection-reset\`. One that somebody else has given a queueing discipline is left alone, and the
fault fails. Should runner and guardian be killed together it stays until \`chaos recover\`: the kernel cannot let it expire.

${queueOnProcess}`;

/** As tc takes it: `30%`. @param share 0..1 */
export const tcPercent = (share: number): string => `${Number((share * 100).toFixed(4))}%`;

/** How many packets may wait at once: those of a second at a gigabit. By default netem drops what is over a thousand. */
export const roomToWait = ['limit', '100000'];

/** With less certainty that any packet was hit, nobody can say so. */
const certain = 0.99;

/**
 * What went through netem, which does not count the packets that it hits.
 * @param share 0..1 of the packets that are hit
 * @param done what is done to them: `sent twice`
 */
export async function netemTotal(sight: Sight, share: number, done: string): Promise<Effect> {
  const queue = await sight.queue();
  const { packets = 0, bytes = 0, dropped = 0 } = queue ?? {};
  const figures = { packets, bytes, dropped, askedRate: share };
  const unseen = (summary: string): Effect => ({ seen: 'unseen', summary, figures });
  if (!queue) return unseen('netem was gone before its time');
  if (packets === 0) return unseen('no packet left while it was in force');
  if (1 - (1 - share) ** packets < certain)
    return unseen(`${packets} packets left, too few to be sure that any was ${done} (asked ${percent(share)})`);
  const lost = dropped > 0 ? `; ${dropped} dropped, because too many waited` : '';
  const which = share === 1 ? 'each' : `${percent(share)} of them by chance`;
  return { seen: 'seen', summary: `${packets} packets left, ${which} ${done}${lost}`, figures };
}
