import { choice, duration, flag, list, record, text } from '../../model/field.ts';
import { mysqlUrl, postgresUrl, redisUrl } from '../databases/fields.ts';
import { body, headers, insecure } from '../http/fields.ts';
import { jsonPathPattern } from '../json/json-path-pattern.ts';

const word = text({ description: 'A word of it.' });

const written = {
  sql: text({
    description: 'A statement that writes one entry. `${entry}` stands for its id: letters, digits and hyphens.',
    minLength: 1,
    examples: ["insert into orders (id) values ('${entry}')"],
  }),
  command: list(word)({
    description: 'The words of a command that writes one entry. `${entry}` stands for its id.',
    examples: [['RPUSH', 'orders', '${entry}']],
  }),
};

const readBack = {
  sql: text({
    description:
      'A query whose first column holds the ids. `${run}` stands for the id of the run: every entry begins with it.',
    minLength: 1,
    examples: ["select id from orders where id like '${run}%'"],
  }),
  command: list(word)({
    description: 'The words of a command that is answered with the ids, alone or among other things.',
    examples: [
      ['LRANGE', 'orders', '0', '-1'],
      ['XRANGE', 'orders', '-', '+'],
    ],
  }),
};

export const ledgerSettings = {
  write: record({
    http: record({
      url: text({
        description: 'Where to write. `${entry}` stands for the id of the entry, `${run}` for the id of the run.',
        pattern: '^https?://\\S+$',
        examples: ['http://127.0.0.1:7080/orders/${entry}'],
      }),
      method: choice(['PUT', 'POST', 'PATCH'])({ description: 'The method of the request.', default: 'PUT' }),
      headers,
      body,
      insecure,
    })({
      description: 'A request that writes one entry. Acknowledged by any status 2xx, or as `expect` says.',
      optional: true,
    }),
    postgres: record({ url: postgresUrl, query: written.sql })({
      description: 'A statement in PostgreSQL. Acknowledged when the server says that it is done.',
      optional: true,
    }),
    mysql: record({ url: mysqlUrl, query: written.sql })({
      description: 'A statement in MySQL or MariaDB. Acknowledged when the server says that it is done.',
      optional: true,
    }),
    redis: record({ url: redisUrl, command: written.command })({
      description: 'A command in Redis. Acknowledged by any answer but an error.',
      optional: true,
    }),
  })({
    description: 'How one entry is written, in one of these ways. `${entry}` must stand in what is sent.',
  }),
  read: record({
    http: record({
      url: text({
        description: 'Where to read. `${run}` stands for the id of the run: every entry begins with it.',
        pattern: '^https?://\\S+$',
        examples: ['http://127.0.0.1:7080/orders?since=${run}'],
      }),
      method: choice(['GET', 'POST'])({ description: 'The method of the request.', default: 'GET' }),
      headers,
      body,
      insecure,
    })({
      description: 'A request that is answered with all entries of this run as JSON, in one piece (at most 128 MiB).',
      optional: true,
    }),
    ids: text({
      description:
        'Only with `http`: where the ids stand in what is read, a JSONPath (RFC 9535). Ids of others are left out of account.',
      pattern: jsonPathPattern,
      optional: true,
      examples: ['$[*].id', '$.orders[*].reference'],
    }),
    postgres: record({ url: postgresUrl, query: readBack.sql })({
      description: 'A query in PostgreSQL.',
      optional: true,
    }),
    mysql: record({ url: mysqlUrl, query: readBack.sql })({
      description: 'A query in MySQL or MariaDB.',
      optional: true,
    }),
    redis: record({ url: redisUrl, command: readBack.command })({ description: 'A command in Redis.', optional: true }),
    every: duration({
      description:
        'Read during the run as well, so often. An acknowledged entry that such a reading misses, though it is there in the end, is **stale**.',
      optional: true,
      examples: ['1s'],
    }),
    ordered: flag({
      description:
        'What is read has the order of writing. An entry that stands behind one whose writing began after it was acknowledged itself is **out of order**; writes that overlapped may stand in either order.',
      default: false,
      examples: [true],
    }),
  })({ description: 'How everything is read back at the end of the run, in one of these ways.' }),
};
