import { choice, list, record, text } from '../../model/field.ts';
import { mysqlUrl, postgresUrl, redisUrl } from '../databases/fields.ts';
import { body, headers, insecure } from '../http/fields.ts';
import { jsonPathPattern } from '../json/json-path-pattern.ts';

const url = (example: string) =>
  text({
    description: 'Where to ask. `${run}` stands for the id of the run.',
    pattern: '^https?://\\S+$',
    examples: [example],
  });

/**
 * How something is changed, in one of the ways.
 * @param filled the names that are filled in, for the description
 */
export function changing(what: string, filled: string, examples: { url: string; sql: string; command: string[] }) {
  const sql = text({
    description: `One statement. It is sent as it is${filled}.`,
    minLength: 1,
    examples: [examples.sql],
  });
  return record({
    http: record({
      url: url(examples.url),
      method: choice(['PUT', 'POST', 'PATCH'])({ description: 'The method of the request.', default: 'POST' }),
      headers,
      body,
      insecure,
    })({ description: 'A request. Acknowledged by any status 2xx, or as `expect` says.', optional: true }),
    postgres: record({ url: postgresUrl, query: sql })({ description: 'A statement in PostgreSQL.', optional: true }),
    mysql: record({ url: mysqlUrl, query: sql })({ description: 'A statement in MySQL or MariaDB.', optional: true }),
    redis: record({
      url: redisUrl,
      command: list(text({ description: 'A word of it.' }))({
        description: `The words of a command${filled}.`,
        examples: [examples.command],
      }),
    })({ description: 'A command in Redis.', optional: true }),
  })({ description: `${what}, in one of these ways.` });
}

/** How one value is read, in one of the ways. */
export function reading(what: string, examples: { url: string; sql: string; command: string[] }) {
  const sql = text({
    description: 'A query: what stands in the first column of the first row is the value.',
    minLength: 1,
    examples: [examples.sql],
  });
  return record({
    http: record({
      url: url(examples.url),
      method: choice(['GET', 'POST'])({ description: 'The method of the request.', default: 'GET' }),
      headers,
      body,
      insecure,
    })({ description: 'A request; its whole answer is the value, or what `value` selects.', optional: true }),
    value: text({
      description: 'Only with `http`: where the value stands in the answer, a JSONPath (RFC 9535).',
      pattern: jsonPathPattern,
      optional: true,
      examples: ['$.value'],
    }),
    postgres: record({ url: postgresUrl, query: sql })({ description: 'A query in PostgreSQL.', optional: true }),
    mysql: record({ url: mysqlUrl, query: sql })({ description: 'A query in MySQL or MariaDB.', optional: true }),
    redis: record({
      url: redisUrl,
      command: list(text({ description: 'A word of it.' }))({
        description: 'The words of a command; the first thing that it answers is the value.',
        examples: [examples.command],
      }),
    })({ description: 'A command in Redis.', optional: true }),
  })({ description: `${what}, in one of these ways.` });
}
