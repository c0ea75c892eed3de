import { text } from '../model/field.ts';
import { defineProbe } from '../model/probe.ts';
import { addressOfUrl } from './address.ts';
import { connections, mysqlUrl, rowsExpectation, whyNoUrl } from './databases/fields.ts';
import { questionSession } from './databases/session.ts';

/** Asks a MySQL or MariaDB database. */
export const mysql = defineProbe({
  kind: 'mysql',
  summary: 'Asks a MySQL or MariaDB database',
  description: `Sends one statement over a connection of a pool of its own. Good when the server answers it, and as \`expect\` says.

A connection that nobody waits for any more is closed after the probe's \`timeout\`. A password never stands in a reason.`,
  settings: {
    url: mysqlUrl,
    query: text({
      description: 'What is asked: one statement. It is sent as it is.',
      minLength: 1,
      default: 'select 1',
      examples: ["select count(*) from orders where state = 'stuck'"],
    }),
    connections,
  },
  shorthand: 'url',
  expect: rowsExpectation,
  refuses: ({ url }) => whyNoUrl(url, 'mysql'),
  reaches: ({ url }) => addressOfUrl(url, 3306),
  async open(settings, expect, context) {
    const { openMysql } = await import('./databases/mysql.ts');
    const { url, query, connections } = settings;
    return questionSession(await openMysql(url, connections, context.timeout), query, expect);
  },
  examples: [
    { title: 'Does it answer?', probe: { mysql: 'mysql://shop@127.0.0.1:3306/shop' } },
    {
      title: 'Every order has a customer',
      probe: {
        mysql: {
          url: 'mysql://shop@127.0.0.1:3306/shop',
          query: 'select count(*) from orders where customer is null',
        },
        expect: { value: 0 },
      },
    },
  ],
});
