import type { Effect, ProxyCounters } from '../../model/fault.ts';
import { plural } from '../../text/plural.ts';
import { blindness, untouched } from '../proxied-database.ts';

/**
 * What the failing did, from what the proxy counted: `failed` are those whose clients were told so. `failureRate` is the
 * share of those that matched which were chosen, 0..1, `null` without any.
 * @param error as the report names it
 */
export function databaseFailureEffect(counters: ProxyCounters, of: 'statements' | 'sessions', error: string): Effect {
  const { asked = 0, matching = 0, chosen = 0, failed = 0 } = counters;
  const one = of === 'statements' ? 'statement' : 'new session';
  const figures = {
    [of]: asked,
    matching,
    failed,
    unansweredFailures: chosen - failed,
    failureRate: matching > 0 ? chosen / matching : null,
    ...untouched(counters),
  };
  const about = (what: string) => [what, ...blindness(counters)].join('; ');
  if (failed > 0) {
    const matched = matching === asked ? '' : ` (${matching} matched)`;
    return {
      seen: 'seen',
      summary: about(`${failed} of ${plural(asked, one)} failed with ${error}${matched}`),
      figures,
    };
  }
  if (asked === 0) return { seen: 'unseen', summary: about(`no ${one} came while it was in force`), figures };
  const none =
    matching === 0 ? `none of ${plural(asked, one)} matched` : `none of ${plural(matching, `matching ${one}`)} failed`;
  return { seen: 'unseen', summary: about(none), figures };
}
