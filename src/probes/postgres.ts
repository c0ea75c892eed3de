import { text } from '../model/field.ts';
import { defineProbe } from '../model/probe.ts';
import { addressOfUrl } from './address.ts';
import { connections, postgresUrl, rowsExpectation, whyNoUrl } from './databases/fields.ts';
import { questionSession } from './databases/session.ts';

/** Asks a PostgreSQL database. */
export const postgres = defineProbe({
  kind: 'postgres',
  summary: 'Asks a PostgreSQL database',
  description: `Sends one query over a connection of a pool of its own. Good when the server answers it, and as \`expect\` says.

The server is told to give a statement up after the probe's \`timeout\`, so that questions that nobody waits for any more do
not pile up in it. A password never stands in a reason.`,
  settings: {
    url: postgresUrl,
    query: text({
      description: 'What is asked. It is sent as it is.',
      minLength: 1,
      default: 'select 1',
      examples: ["select count(*) from orders where state = 'stuck'"],
    }),
    connections,
  },
  shorthand: 'url',
  expect: rowsExpectation,
  refuses: ({ url }) => whyNoUrl(url, 'postgres'),
  reaches: ({ url }) => addressOfUrl(url, 5432),
  async open(settings, expect, context) {
    const { openPostgres } = await import('./databases/postgres.ts');
    const { url, query, connections } = settings;
    return questionSession(await openPostgres(url, connections, context.timeout), query, expect);
  },
  examples: [
    { title: 'Does it answer?', probe: { postgres: 'postgres://shop@127.0.0.1:5432/shop' } },
    {
      title: 'No order is stuck',
      probe: {
        postgres: {
          url: 'postgres://shop@127.0.0.1:5432/shop',
          query: "select count(*) from orders where state = 'stuck'",
        },
        every: '500ms',
        expect: { value: 0 },
      },
    },
  ],
});
