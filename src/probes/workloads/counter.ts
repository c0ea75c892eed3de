import { defineProbe } from '../../model/probe.ts';
import { httpExpectation } from '../http/fields.ts';
import { changing, reading } from './fields.ts';
import { addressOf, whyNoReading, whyNoWay } from './ways.ts';

/** Increments a counter and reads it all the while. */
export const counter = defineProbe({
  kind: 'counter',
  summary: 'Increments a counter all the while: every acknowledged increment must count, once, and nothing go back',
  description: `Each sample increments once and reads once, at the same time; it is good when both are answered. The first only reads, for
what stood there before.

A read breaks the promise when it shows less than what stood there before and every increment that was acknowledged before
it began (**lost**), more than every increment that was begun before it ended (**counted twice**, or somebody else counts
here), or less than what a read had shown that ended before it began (**went back**). An increment that was not acknowledged
may count or not. The counter is read a last time at the end of the run.`,
  settings: {
    write: changing('How it is incremented by one', '', {
      url: 'http://127.0.0.1:7080/visits',
      sql: 'update counters set n = n + 1 where id = 1',
      command: ['INCR', 'visits'],
    }),
    read: reading('How it is read', {
      url: 'http://127.0.0.1:7080/visits',
      sql: 'select n from counters where id = 1',
      command: ['GET', 'visits'],
    }),
  },
  expect: httpExpectation,
  refuses: ({ write, read }) => whyNoWay('counter', { write, read }) ?? whyNoReading('counter', read),
  reaches: ({ write }) => addressOf(write),
  async open(settings, expect, context) {
    const { openWorkload } = await import('./session.ts');
    const { counterWatch } = await import('./counter-watch.ts');
    return openWorkload(settings, expect, context, counterWatch);
  },
  examples: [
    {
      title: 'Visits that a service counts',
      probe: {
        counter: {
          write: { http: { url: 'http://127.0.0.1:7080/visits' } },
          read: { http: { url: 'http://127.0.0.1:7080/visits' }, value: '$.count' },
        },
        every: '100ms',
      },
    },
    {
      title: 'A counter in Redis, which fails over',
      probe: {
        counter: {
          write: { redis: { url: 'redis://127.0.0.1:6379', command: ['INCR', 'visits'] } },
          read: { redis: { url: 'redis://127.0.0.1:6379', command: ['GET', 'visits'] } },
        },
        every: '50ms',
      },
    },
  ],
});
