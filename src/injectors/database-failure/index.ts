import { defineFault } from '../../model/fault.ts';
import { choice, integer, share, text } from '../../model/field.ts';
import type { Target } from '../../model/scenario.ts';
import { refuseOtherThanDatabases, statements } from '../proxied-database.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';
import type { DatabaseName } from './databases.ts';
import { databaseFailureEffect } from './effect.ts';
import { codeForms, type ErrorName, errorNames, errorOf, errors } from './errors.ts';

/** Statements on a proxied link to a database fail. */
export const databaseFailure = defineFault({
  name: 'database-failure',
  summary: 'A share of the statements on a proxied link to PostgreSQL, MySQL, MariaDB or Redis fails with an error',
  description: `Reads the protocol of the database on the link. A statement that is to fail never reaches the server: another
goes in its place that the server cannot but refuse, and its error is worded as \`error\` or \`code\` and \`message\` say.
So it is a real failure, in its turn: in PostgreSQL the transaction is aborted, and what was sent ahead is skipped up to the
next Sync; in Redis \`EXEC\` is refused after a failed command. A simple query of several statements fails as one.

In MySQL and MariaDB a failed statement leaves the transaction open, as most errors do there; after a real deadlock the
server would have rolled it back, so clients should roll back themselves. What ends a transaction (\`COMMIT\`,
\`ROLLBACK\`, \`EXEC\`, \`DISCARD\`) always passes, as do commands of Redis that make a session or begin a
subscription, and what stands in the log of the server are its own errors.

\`error: too-many-connections\` refuses a share of the new sessions instead, and lets those that are open go on.

It cannot see into encrypted or compressed connections, which pass untouched and are counted: connect without TLS, as the
link is local. Statements of MySQL beyond 16 MiB or with parameters that were sent ahead of them, its bulk executions,
and commands of Redis beyond 64 KiB pass too.`,
  targets: ['proxy'],
  mechanism: () => ({
    by: 'the fault proxy, which reads the protocol of the database',
    cannot: 'what is encrypted passes untouched',
  }),
  parameters: {
    rate: share({
      description: 'The share of the matching statements that fails; which ones is drawn.',
      default: '50%',
      examples: ['10%', '100%'],
    }),
    error: choice(errorNames)({
      description:
        'How they fail, in the words of the database. `too-many-connections` is about new sessions; `deadlock`, `lock-timeout` and `timeout` are of PostgreSQL, MySQL and MariaDB, `serialization-failure` of PostgreSQL; `loading`, `busy` and `cluster-down` of Redis.',
      default: 'read-only',
      examples: ['deadlock', 'too-many-connections'],
    }),
    code: text({
      description:
        'An error of your own, with a `message`: the SQLSTATE of PostgreSQL, the number of MySQL and MariaDB, or the first word in Redis.',
      optional: true,
      examples: ['57P01', '1205', 'BUSY'],
    }),
    message: text({
      description: 'The text of an error of your own.',
      optional: true,
      minLength: 1,
      pattern: '^[^\\r\\n\\u0000]+$',
      examples: ['terminating connection due to administrator command'],
    }),
    statements,
    first: integer({
      description: 'Only the first N statements that match.',
      optional: true,
      minimum: 1,
      examples: [3],
    }),
  },
  held: true,
  refuses(target, { error, code }) {
    const refusal = refuseOtherThanDatabases(target);
    if (refusal !== undefined) return refusal;
    const protocol = databaseOf(target);
    if (code === undefined) return refuseError(target.id, protocol, error);
    const form = codeForms[protocol];
    return form.pattern.test(code) && !(Number(code) > 65_535)
      ? undefined
      : `"${code}" is no code of an error here: "${target.id}" carries ${protocol}, where it is ${form.is}`;
  },
  contradiction(written) {
    const has = (key: string) => Object.hasOwn(written, key);
    if (has('code') !== has('message')) return '"code" and "message" make an error together: one of them is missing';
    if (has('code') && has('error')) return '"error" and "code" both say how statements fail: leave one of them out';
    return written.error === 'too-many-connections' && has('statements')
      ? 'an error "too-many-connections" meets new sessions, not "statements": leave one of them out'
      : undefined;
  },
  inject({ rate, error, code, message, statements, first }, { id, seed, target }) {
    const own = code === undefined ? undefined : { code, message: message ?? '' };
    const answer = own ?? errorOf(error, databaseOf(target));
    const settings = {
      of: unitOf(error, code),
      rate,
      seed,
      state: 'HY000',
      ...answer,
      ...(statements ? { statements } : {}),
      ...(first === undefined ? {} : { first }),
    };
    return throughProxy(target, { id, kind: 'query-failure', settings });
  },
  observe: {
    inForce: (sight) => proxyBegun(sight, 'what it does shows as statements pass'),
    total: async (sight, { error, code }) =>
      databaseFailureEffect(await sight.proxy(), unitOf(error, code), code ?? error),
    gone: proxyEnded,
  },
  examples: [
    {
      title: 'Some of the writes meet a deadlock',
      step: {
        inject: 'database-failure',
        target: 'database-link',
        with: { rate: '10%', error: 'deadlock', statements: ['update orders', 'insert into orders'] },
        for: '10s',
      },
    },
    {
      title: 'Nobody gets a new session',
      step: {
        inject: 'database-failure',
        target: 'database-link',
        with: { rate: '100%', error: 'too-many-connections' },
        for: '5s',
      },
    },
  ],
});

const unitOf = (error: ErrorName, code: string | undefined): 'statements' | 'sessions' =>
  code === undefined && error === 'too-many-connections' ? 'sessions' : 'statements';

/** That it is one was looked at before. */
function databaseOf(target: Target | undefined): DatabaseName {
  if (target?.kind !== 'proxy') throw new Error('database-failure needs a link to a database');
  return target.protocol as DatabaseName;
}

function refuseError(id: string, protocol: DatabaseName, error: ErrorName): string | undefined {
  if (errorOf(error, protocol)) return undefined;
  const known = errorNames.filter((name) => Object.hasOwn(errors[name], protocol));
  return `there is no error "${error}" of ${protocol}, which "${id}" carries: expected ${known.join(', ')}`;
}
