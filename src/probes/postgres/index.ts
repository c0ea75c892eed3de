import { defineProbe } from '../../model/probe.ts';
import { addressOfUrl } from '../address.ts';
import { postgresExpectation, postgresSettings } from './fields.ts';

/** Asks a PostgreSQL database. */
export const postgres = defineProbe({
  kind: 'postgres',
  summary: 'Asks a PostgreSQL database',
  description: `Sends one query over a connection of a pool of its own. Good when the server answers it, and as \`expect\` says.

The server is told to give a statement up after the probe's \`timeout\`, so that questions that nobody waits for any more do
not pile up in it. A password never stands in a reason.`,
  settings: postgresSettings,
  shorthand: 'url',
  expect: postgresExpectation,
  refuses: ({ url }) =>
    URL.canParse(url.replaceAll('${run}', 'x')) ? undefined : 'the connection URL of this postgres probe is not a URL',
  reaches: ({ url }) => addressOfUrl(url, 5432),
  async open(settings, expect, context) {
    const { openPostgres } = await import('./session.ts');
    return openPostgres(settings, expect, context.timeout);
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
