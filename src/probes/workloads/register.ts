import { defineProbe } from '../../model/probe.ts';
import { httpExpectation } from '../http/fields.ts';
import { changing, reading } from './fields.ts';
import { addressOf, sentBy, waysOf, whyNoReading, whyNoWay } from './ways.ts';

/** Writes and reads one value all the while, and checks whether all that happened at once, each at one moment. */
export const register = defineProbe({
  kind: 'register',
  summary: 'Writes and reads one value all the while: what was read must be linearizable',
  description: `Each sample writes a new value and reads the value, at the same time; it is good when both are answered. The first only
reads, for what stood there before.

At the end it is checked whether every write and every read can have happened at one moment between its beginning and its
end, so that each read sees the write before it: **linearizability**. A read that shows an overwritten value, one that shows
a value older than what another had seen before, and a value that nobody wrote break the promise, and are named with what
they cannot stand beside. A write that was not acknowledged may take effect at any later time, or never.

Every value is written once (numbers from 1 on), so the check is exact however many operations there are. Each costs some
100 bytes of memory.`,
  settings: {
    write: changing('How a value is written', '; `${value}` stands for the value, a number', {
      url: 'http://127.0.0.1:7080/config?value=${value}',
      sql: "update settings set value = '${value}' where name = 'leader'",
      command: ['SET', 'leader', '${value}'],
    }),
    read: reading('How it is read', {
      url: 'http://127.0.0.1:7080/config',
      sql: "select value from settings where name = 'leader'",
      command: ['GET', 'leader'],
    }),
  },
  expect: httpExpectation,
  refuses({ write, read }) {
    if (waysOf(write).length === 1 && !sentBy(write).includes('${value}'))
      return 'the write of this register never says ${value}: every write would be the same';
    return whyNoWay('register', { write, read }) ?? whyNoReading('register', read);
  },
  reaches: ({ write }) => addressOf(write),
  async open(settings, expect, context) {
    const { openWorkload } = await import('./session.ts');
    const { registerWatch } = await import('./register-watch.ts');
    return openWorkload(settings, expect, context, registerWatch);
  },
  examples: [
    {
      title: 'Which node is the leader',
      probe: {
        register: {
          write: { http: { method: 'PUT', url: 'http://127.0.0.1:7080/leader', body: '${value}' } },
          read: { http: { url: 'http://127.0.0.1:7080/leader' } },
        },
        every: '50ms',
      },
    },
    {
      title: 'A key in Redis, read from a replica',
      probe: {
        register: {
          write: { redis: { url: 'redis://127.0.0.1:6379', command: ['SET', 'leader', '${value}'] } },
          read: { redis: { url: 'redis://127.0.0.1:6380', command: ['GET', 'leader'] } },
        },
      },
    },
  ],
});
