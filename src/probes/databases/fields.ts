import { either, flag, integer, number, text } from '../../model/field.ts';

export const connections = integer({
  description:
    'How many connections it may hold at once. They are kept; when all wait for an answer, a question waits too.',
  default: 10,
  minimum: 1,
  maximum: 1000,
});

export const postgresUrl = text({
  description: 'Which database, as whom: a connection URL of PostgreSQL.',
  pattern: '^postgres(?:ql)?://\\S+$',
  examples: ['postgres://shop@127.0.0.1:5432/shop'],
});

export const mysqlUrl = text({
  description: 'Which database, as whom: a connection URL of MySQL or MariaDB.',
  pattern: '^(?:mysql|mariadb)://\\S+$',
  examples: ['mysql://shop@127.0.0.1:3306/shop'],
});

export const redisUrl = text({
  description: 'Which database, as whom: a connection URL of Redis; `rediss:` means TLS.',
  pattern: '^rediss?://\\S+$',
  examples: ['redis://127.0.0.1:6379/0'],
});

/** What may be expected of the rows that come back. */
export const rowsExpectation = {
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

/** @returns why nobody can connect to what is written, for a diagnostic */
export function whyNoUrl(url: string, kind: string): string | undefined {
  const filled = url.replaceAll(/\$\{[^}]*\}/g, 'x');
  if (!URL.canParse(filled)) return `the connection URL of this ${kind} probe is not a URL`;
  const { username, password } = new URL(filled);
  return [username, password].every(isEncoded)
    ? undefined
    : `in the connection URL of this ${kind} probe a % begins nothing: write it as %25`;
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
