import { text } from '../model/field.ts';
import type { JsonValue } from '../model/json.ts';
import type { DatabaseKind } from '../model/stress-work.ts';

export const databaseUrl = text({
  description: 'Which database, as whom: a connection URL of PostgreSQL, MySQL or MariaDB.',
  pattern: '^(?:postgres(?:ql)?|mysql|mariadb)://\\S+$',
  examples: ['postgres://shop@127.0.0.1:5432/shop', 'mysql://shop@127.0.0.1:3306/shop'],
});

/** Which kind of server a `databaseUrl` leads to. */
export const serverOf = (url: string): DatabaseKind => (/^postgres(?:ql)?:/.test(url) ? 'postgres' : 'mysql');

/** @returns why nobody can connect to what is written, for a diagnostic */
export function unreadableUrl(url: JsonValue | undefined): string | undefined {
  // PostgreSQL takes more than a URL may be.
  if (typeof url !== 'string' || serverOf(url) === 'postgres' || URL.canParse(url)) return undefined;
  return `"url" is no URL: expected scheme://user:password@host:port/database, with what is special in a password written as %40 and the like`;
}
