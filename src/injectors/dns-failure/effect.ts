import { type Effect, InstrumentGone, type ProxyCounters, type Sight } from '../../model/fault.ts';

/** Right after it was put in. */
export async function lookupsMet(sight: Sight): Promise<Effect> {
  const { inForce } = await sight.resolver();
  if (inForce !== 1) return { seen: 'unseen', summary: 'the resolver does not know this fault', figures: {} };
  if (sight.on === 'host' && !(await sight.packets()))
    return { seen: 'unseen', summary: 'the rule that redirects queries is not there', figures: {} };
  return { seen: 'pending', summary: 'in force: what it does shows as names are looked up', figures: {} };
}

/** After the undo. */
export async function lookupsFree(sight: Sight): Promise<string | undefined> {
  if (sight.on === 'host' && (await sight.packets())) return 'queries are still redirected';
  try {
    return (await sight.resolver()).inForce === 1 ? 'it is still in force in the resolver' : undefined;
  } catch (error) {
    if (error instanceof InstrumentGone) return undefined;
    throw error;
  }
}

/**
 * What it did, from what the resolver counted. `redirected` is the kernel's own count, on a host: of datagrams and of TCP
 * connections.
 * @param did `answered NXDOMAIN`
 * @param askedMs how long a query was to be held
 */
export async function lookupEffect(sight: Sight, did: string, askedMs: number | undefined): Promise<Effect> {
  const counters = await sight.resolver();
  const { queries = 0, matchingQueries = 0, hitQueries = 0 } = counters;
  const redirected = sight.on === 'host' ? ((await sight.packets())?.met ?? null) : undefined;
  const figures = {
    queries,
    matchingQueries,
    hitQueries,
    ...(redirected === undefined ? {} : { redirected }),
    ...(askedMs === undefined ? {} : delayFigures(counters, askedMs)),
  };
  if (counters.inForce !== 1)
    return { seen: 'unseen', summary: 'it was gone from the resolver before its time', figures };
  if (queries === 0) return { seen: 'unseen', summary: 'nothing was looked up while it was in force', figures };
  const unmatched = matchingQueries === queries ? '' : ` (${matchingQueries} matched)`;
  const what = `${hitQueries} of ${queries} ${queries === 1 ? 'query' : 'queries'} ${did}${unmatched}`;
  return { seen: hitQueries > 0 ? 'seen' : 'unseen', summary: what + inTime(figures), figures };
}

const delayFigures = ({ delayedQueries = 0, delaySumMs = 0, delayMaxMs = 0 }: ProxyCounters, askedMs: number) => ({
  delayedQueries,
  meanDelayMs: delayedQueries > 0 ? delaySumMs / delayedQueries : null,
  maxDelayMs: delayMaxMs,
  askedMs,
});

function inTime({ meanDelayMs, askedMs }: { meanDelayMs?: number | null; askedMs?: number }): string {
  return meanDelayMs ? `, ${meanDelayMs.toFixed(1)} ms on average (asked ${askedMs} ms)` : '';
}
