import { either, flag, integer, number, text } from '../../model/field.ts';

export const postgresSettings = {
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

export const postgresExpectation = {
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
