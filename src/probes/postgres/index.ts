import { either, flag, integer, number, text } from '../../model/field.ts';
import { defineProbe } from '../../model/probe.ts';

const settings = {
  url: text({
    description: 'Which database, as whom: a connection URL of PostgreSQL.',
    pattern: '^postgres(?:ql)?://\\S+$',
    examples: ['postgres://shop@127.0.0.1:5432/shop'],
  }),
  query: text({
    description: 'What is asked. It is sent as it is.',
    minLength: 1,
    default: 'select 1',
    examples: ["select count(*) from orders where state = 'stuck'"],
  }),
  connections: integer({
    description:
      'How many connections it may hold at once. They are kept; when all wait for an answer, a question waits too.',
    default: 10,
    minimum: 1,
    maximum: 1000,
  }),
};

const expect = {
  rows: integer({ description: 'How many rows come back.', minimum: 0, optional: true, examples: [1] }),
  value: either(
    text({ description: 'A text.' }),
    either(
      number({ description: 'A number.' }),
      flag({ description: 'true or false.' }),
    )({ description: 'Another value.' }),
  )({
    description: 'What stands in the first column of the first row.',
    optional: true,
    examples: [0, 'ready', true],
  }),
};

/** Asks a PostgreSQL database. */
export const postgres = defineProbe({
  kind: 'postgres',
  summary: 'Asks a PostgreSQL database',
  description: `Sends one query over a connection of a pool of its own. Good when the server answers it, and as \`expect\` says.

The server is told to give a statement up after the probe's \`timeout\`, so that questions that nobody waits for any more do
not pile up in it. A password never stands in a reason.`,
  settings,
  shorthand: 'url',
  expect,
  refuses: ({ url }) =>
    URL.canParse(url.replaceAll('${run}', 'x')) ? undefined : 'the connection URL of this postgres probe is not a URL',
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
