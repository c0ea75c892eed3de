import { list, text } from '../../model/field.ts';
import { defineProbe } from '../../model/probe.ts';
import { httpExpectation } from '../http/fields.ts';
import { changing, reading } from './fields.ts';
import { addressOf, sentBy, waysOf, whyNoReading, whyNoWay } from './ways.ts';

const update = "update accounts set n = n + case when id = '${to}' then 1 else -1 end where id in ('${from}', '${to}')";

/** Moves money between accounts all the while. */
export const transfers = defineProbe({
  kind: 'transfers',
  summary: 'Moves money between accounts all the while: the total must stay the same',
  description: `Each sample makes one transfer between two of the \`accounts\` and reads the total, at the same time; it is good when both
are answered. The first only reads the total. Pairs come in turn: each account gives to each other.

A total that is not the one of the beginning breaks the promise: money was lost, or made. A transfer that was not
acknowledged may have taken place or not; the total is the same either way. It is read a last time at the end of the run.`,
  settings: {
    write: changing('How a transfer is made', '; `${from}` and `${to}` stand for two accounts', {
      url: 'http://127.0.0.1:7080/transfers?from=${from}&to=${to}',
      sql: update,
      command: ['EVAL', "redis.call('DECR', KEYS[1]) redis.call('INCR', KEYS[2])", '2', '${from}', '${to}'],
    }),
    read: reading('How the total is read', {
      url: 'http://127.0.0.1:7080/total',
      sql: 'select sum(n) from accounts',
      command: ['GET', 'total'],
    }),
    accounts: list(
      text({ description: 'The name of an account: letters, digits, `_` and `-`.', pattern: '^[A-Za-z0-9_-]+$' }),
    )({ description: 'Between which accounts: two or more.', examples: [['alice', 'bob', 'carol']] }),
  },
  expect: httpExpectation,
  refuses({ write, read, accounts }) {
    if (new Set(accounts).size < 2) return 'there have to be two accounts or more';
    if (new Set(accounts).size < accounts.length) return 'an account stands among the accounts twice';
    const sent = sentBy(write);
    if (waysOf(write).length === 1 && !(sent.includes('${from}') && sent.includes('${to}')))
      return 'the write of these transfers does not say both ${from} and ${to}';
    return whyNoWay('transfers probe', { write, read }) ?? whyNoReading('transfers probe', read);
  },
  reaches: ({ write }) => addressOf(write),
  async open(settings, expect, context) {
    const { openWorkload } = await import('./session.ts');
    const { transfersWatch } = await import('./transfers-watch.ts');
    return openWorkload(settings, expect, context, (before) => transfersWatch(before, settings.accounts));
  },
  examples: [
    {
      title: 'Accounts in PostgreSQL',
      probe: {
        transfers: {
          write: { postgres: { url: 'postgres://bank@127.0.0.1:5432/bank', query: update } },
          read: {
            postgres: { url: 'postgres://bank@127.0.0.1:5432/bank', query: 'select sum(n) from accounts' },
          },
          accounts: ['alice', 'bob', 'carol'],
        },
        every: '50ms',
      },
    },
  ],
});
