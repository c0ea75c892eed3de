import { defineProbe } from '../../model/probe.ts';
import { httpExpectation } from '../http/fields.ts';
import { addressOf, sentBy, waysOf, whyNoWay } from '../workloads/ways.ts';
import { ledgerSettings } from './fields.ts';

/** Writes entries all the time, and at the end looks whether every acknowledged one is there, once. */
export const ledger = defineProbe({
  kind: 'ledger',
  summary: 'Writes all the while, and at the end reads back whether every acknowledged write was kept, once',
  description: `Each sample writes one entry with an id of its own; it is good when the write is acknowledged. Nothing is written
twice: a retry of ours would hide what the system does.

At the end everything is read back. An acknowledged entry that is missing is **lost**; one that is there more than once is
**duplicated**. A write that was not acknowledged (an error, no answer in time) may be there or not: nobody promised anything.
When something is missing it is read again a few times within two seconds, so that a store that needs a moment to show what
it has is not accused.

With \`read: { every: 1s }\` it is read during the run as well. An acknowledged entry that such a reading misses, though it is
there in the end, was **stale**: asked for only where readers were promised what was written. With \`ordered: true\` an entry
that stands behind one whose writing began later than its own acknowledgement is **out of order**.

Over SQL and Redis the ids are filled into the statement as they are: they hold letters, digits and hyphens only.

Ids are the id of the run, a number of the ledger and a number of the entry (\`RUN-0-0000042\`): safe in URLs, and they sort in
the order of writing. They are compared as texts. Each costs 16 bytes of memory, so days of writing are no matter.`,
  settings: ledgerSettings,
  expect: httpExpectation,
  refuses({ write, read }, expect) {
    if (waysOf(write).length === 1 && !sentBy(write).includes('${entry}'))
      return 'the write of this ledger never says ${entry}: every entry would be the same';
    if (read.http && read.ids === undefined)
      return 'the read of this ledger does not say where the ids stand: give "ids", a JSONPath';
    if (!read.http && read.ids !== undefined) return 'the read of this ledger has "ids", which is only for http';
    if (!write.http && (expect.contains !== undefined || expect.json !== undefined))
      return 'a write to a database is acknowledged by its server: nothing more can be expected of it';
    return whyNoWay('ledger', { write, read });
  },
  reaches: ({ write }) => addressOf(write),
  async open(settings, expect, context) {
    const { openLedger } = await import('./session.ts');
    return openLedger(settings, expect, context);
  },
  examples: [
    {
      title: 'Orders',
      probe: {
        ledger: {
          write: { http: { method: 'PUT', url: 'http://127.0.0.1:7080/orders/${entry}' } },
          read: { http: { url: 'http://127.0.0.1:7080/orders?since=${run}' }, ids: '$[*].id' },
        },
        every: '100ms',
        timeout: '2s',
      },
    },
    {
      title: 'A queue that is told the id in the body, and answers 202',
      probe: {
        ledger: {
          write: { http: { method: 'POST', url: 'http://127.0.0.1:7080/jobs', body: { reference: '${entry}' } } },
          read: { http: { url: 'http://127.0.0.1:7080/jobs?all=true' }, ids: '$.jobs[*].reference' },
        },
        expect: { status: 202 },
      },
    },
    {
      title: 'Rows of PostgreSQL, which a replica has to show at once',
      probe: {
        ledger: {
          write: {
            postgres: {
              url: 'postgres://shop@127.0.0.1:5432/shop',
              query: "insert into orders (id) values ('${entry}')",
            },
          },
          read: {
            postgres: {
              url: 'postgres://shop@127.0.0.1:5433/shop',
              query: "select id from orders where id like '${run}%'",
            },
            every: '1s',
          },
        },
        every: '50ms',
      },
    },
    {
      title: 'A queue in Redis, in its order',
      probe: {
        ledger: {
          write: { redis: { url: 'redis://127.0.0.1:6379', command: ['RPUSH', 'jobs', '${entry}'] } },
          read: { redis: { url: 'redis://127.0.0.1:6379', command: ['LRANGE', 'jobs', '0', '-1'] }, ordered: true },
        },
      },
    },
  ],
});
