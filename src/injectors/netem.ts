import type { Effect, Mechanism, Sight } from '../model/fault.ts';
import type { TargetKind } from '../model/scenario.ts';
import { percent } from './in-words.ts';
import { queueInNetwork, queueNeeds, queueOnProcess } from './queue.ts';

/** Where it differs from a real line: netem stands where packets leave, and draws by itself. */
export const netemMechanism = (on: TargetKind | undefined): Mechanism => {
  const drawn = 'which packets are hit differs from run to run';
  if (on === 'network')
    return {
      by: "the kernel's netem on each host concerned",
      cannot: `what hosts elsewhere send is not touched; ${drawn}`,
    };
  return on === 'host'
    ? { by: "the kernel's netem", cannot: `what comes in is not touched; ${drawn}` }
    : { by: "the kernel's netem in the network namespace of the process", cannot: drawn };
};

/** For the descriptions of all that work by it. */
export const netemOnHost = `On a host it works on what leaves an interface, by the kernel's netem; through the loopback interface leave both sides of a
conversation. Several such faults and \`network-bandwidth\` work on one interface at once, and lifting one leaves the others as
they are: delays add up, each draws for itself, the rate limits what comes out of the rest. They share a queue (\`tbf\`,
\`netem\`, \`bfifo\`), which is taken away with the last. One that somebody else has given a queueing discipline is left alone,
and the fault fails. Should runner and guardian be killed together it stays until \`chaos recover\`: the kernel cannot let
it expire.

${queueOnProcess}

${queueInNetwork}`;

/** What every fault of netem needs on a host: it hangs below a token bucket, so that a rate may be set at any time. */
export const netemNeeds = queueNeeds('netem', 'tbf');

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
  const lost = dropped > 0 ? `; ${dropped} dropped` : '';
  const which = share === 1 ? 'each' : `${percent(share)} of them by chance`;
  return { seen: 'seen', summary: `${packets} packets left, ${which} ${done}${lost}`, figures };
}
