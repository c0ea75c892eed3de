import type { Effect, ProxyCounters, Sight } from '../model/fault.ts';
import { choice, share } from '../model/field.ts';
import type { Target } from '../model/scenario.ts';
import { plural } from '../text/plural.ts';
import { percent } from './in-words.ts';
import { refuseQueue } from './queue.ts';
import { proxyBegun } from './through-proxy.ts';

/** On which connections, for faults that work on hosts as well. */
export const shareOfLink = {
  share: share({
    description:
      'On a proxied link: the share of connections that it works on; which ones is drawn, the same way in every run.',
    default: '100%',
    examples: ['30%'],
  }),
};

/** Which way and on which connections, for faults that on hosts hit all that leaves. */
export const alongLink = {
  direction: choice(['upstream', 'downstream', 'both'])({
    description:
      'On a proxied link: what goes from the client to the server (`upstream`), from the server to the client (`downstream`), or both.',
    default: 'both',
  }),
  ...shareOfLink,
};

type Where = {
  direction: 'upstream' | 'downstream' | 'both';
  share: number;
  interface?: string | undefined;
  sides?: string[][] | undefined;
};

/** @returns why a fault of what leaves, or of datagrams on a link, does not fit such a target */
export function refuseOnLink(target: Target, { direction, share, ...where }: Where): string | undefined {
  if (target.kind === 'proxy')
    return where.interface === undefined && where.sides === undefined
      ? undefined
      : 'this is a proxied link: "interface" and "sides" are for hosts and networks';
  if (direction !== 'both' || share !== 1)
    return 'away from a proxied link, all that leaves is meant: leave out "direction" and "share"';
  return refuseQueue(target, where);
}

/** @returns why a link does not fit that carries a stream, in which nothing can be done to single datagrams */
export const refuseStream = (target: Target, why: string): string | undefined =>
  target.kind === 'proxy' && target.protocol !== 'udp'
    ? `${why}: this is for links with "protocol: udp", and "${target.id}" has ${target.protocol}`
    : undefined;

/** @returns why a link does not fit that carries datagrams */
export const refuseDatagrams = (target: Target, why: string): string | undefined =>
  target.kind === 'proxy' && target.protocol === 'udp' ? `"${target.id}" has protocol udp: ${why}` : undefined;

/** Right after it was put in. */
export const linkBegun = (sight: Sight): Promise<Effect> => proxyBegun(sight, 'what it does shows as something passes');

/**
 * The effect of a fault that a link may have a `share` of: where nothing was seen, connections that were spared were there
 * all the same. @param effect what it did to the others
 */
export function ofThoseDrawn(counters: ProxyCounters, effect: (counters: ProxyCounters) => Effect): Effect {
  const { sparedConnections: spared = 0 } = counters;
  const drawn = effect(counters);
  if (spared === 0) return drawn;
  const figures = { ...drawn.figures, sparedConnections: spared };
  if (drawn.seen === 'seen') return { ...drawn, figures };
  return { ...drawn, summary: `${plural(spared, 'connection')} not drawn; of the others: ${drawn.summary}`, figures };
}

/**
 * What a fault on a link hit by chance, as the proxy counted it.
 * @param asked 0..1
 * @param done what is done to what is hit: `sent twice`
 */
export async function linkTotal(sight: Sight, { asked, done }: { asked: number; done: string }): Promise<Effect> {
  return ofThoseDrawn(await sight.proxy(), (counters) => hitByChance(counters, asked, done));
}

function hitByChance(counters: ProxyCounters, asked: number, done: string): Effect {
  const { datagrams, segments = 0, bytes = 0, hit = 0 } = counters;
  const [met, of] = datagrams === undefined ? [segments, 'segments'] : [datagrams, 'datagrams'];
  const figures = { [of]: met, bytes, hit, rate: met === 0 ? null : hit / met, askedRate: asked };
  if (met === 0) return { seen: 'unseen', summary: `no ${of} passed while it was in force`, figures };
  return {
    seen: hit > 0 ? 'seen' : 'unseen',
    summary: `${hit} of ${met} ${of} ${done}: ${percent(hit / met)} (asked ${percent(asked)})`,
    figures,
  };
}
