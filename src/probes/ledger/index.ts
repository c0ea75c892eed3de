import { defineProbe } from '../../model/probe.ts';
import { addressOfUrl } from '../address.ts';
import { httpExpectation } from '../http/fields.ts';
import { whyNoRequest } from '../http/refusal.ts';
import { ledgerSettings } from './fields.ts';
import { namesEntry } from './names-entry.ts';

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

Ids are the id of the run, a number of the ledger and a number of the entry (\`RUN-0-0000042\`): safe in URLs, and they sort in
the order of writing. They are compared as texts. Each costs 8 bytes of memory, so days of writing are no matter.`,
  settings: ledgerSettings,
  expect: httpExpectation,
  refuses({ write, read }) {
    if (!namesEntry(write.http)) return 'the write of this ledger never says ${entry}: every entry would be the same';
    return whyNoRequest(write.http) ?? whyNoRequest(read.http);
  },
  reaches: ({ write }) => addressOfUrl(write.http.url, write.http.url.startsWith('https:') ? 443 : 80),
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
  ],
});
