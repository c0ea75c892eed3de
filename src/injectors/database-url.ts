import { text } from '../model/field.ts';
import type { DatabaseKind } from '../model/stress-work.ts';

export const databaseUrl = text({
  description: 'Which database, as whom: a connection URL of PostgreSQL, MySQL or MariaDB.',
  pattern: '^(?:postgres(?:ql)?|mysql|mariadb)://\\S+$',
  examples: ['postgres://shop@127.0.0.1:5432/shop', 'mysql://shop@127.0.0.1:3306/shop'],
});

/** Which kind of server a `databaseUrl` leads to. */
export const serverOf = (url: string): DatabaseKind => (/^postgres(?:ql)?:/.test(url) ? 'postgres' : 'mysql');
