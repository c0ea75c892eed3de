import type { DatabaseName } from './databases.ts';

/** An error as the server of a protocol words it. */
export interface DatabaseError {
  /** SQLSTATE of PostgreSQL, number of MySQL, first word of Redis. */
  code: string;
  /** SQLSTATE of MySQL. */
  state?: string;
  message: string;
}

const postgres = (code: string, message: string) => ({ postgres: { code, message } });
const mysql = (code: number, state: string, message: string) => ({ mysql: { code: String(code), state, message } });
const redis = (code: string, message: string) => ({ redis: { code, message } });

/** Named errors, each as the servers say it that know it. */
export const errors = {
  'read-only': {
    ...postgres('25006', 'cannot execute statement in a read-only transaction'),
    ...mysql(
      1290,
      'HY000',
      'The MySQL server is running with the --read-only option so it cannot execute this statement',
    ),
    ...redis('READONLY', "You can't write against a read only replica."),
  },
  'too-many-connections': {
    ...postgres('53300', 'sorry, too many clients already'),
    ...mysql(1040, '08004', 'Too many connections'),
    ...redis('ERR', 'max number of clients reached'),
  },
  'out-of-memory': {
    ...postgres('53200', 'out of memory'),
    ...mysql(1041, 'HY000', 'Out of memory.'),
    ...redis('OOM', "command not allowed when used memory > 'maxmemory'."),
  },
  'disk-full': {
    ...postgres('53100', 'could not extend file: No space left on device'),
    ...mysql(
      1021,
      'HY000',
      'Disk full; waiting for someone to free some space... (errno: 28 "No space left on device")',
    ),
    ...redis(
      'MISCONF',
      'Redis is configured to save RDB snapshots, but it is currently not able to persist on disk. Commands that may modify the data set are disabled.',
    ),
  },
  deadlock: {
    ...postgres('40P01', 'deadlock detected'),
    ...mysql(1213, '40001', 'Deadlock found when trying to get lock; try restarting transaction'),
  },
  'serialization-failure': postgres('40001', 'could not serialize access due to concurrent update'),
  'lock-timeout': {
    ...postgres('55P03', 'canceling statement due to lock timeout'),
    ...mysql(1205, 'HY000', 'Lock wait timeout exceeded; try restarting transaction'),
  },
  timeout: {
    ...postgres('57014', 'canceling statement due to statement timeout'),
    ...mysql(3024, 'HY000', 'Query execution was interrupted, maximum statement execution time exceeded'),
  },
  loading: redis('LOADING', 'Redis is loading the dataset in memory'),
  busy: redis('BUSY', 'Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'),
  'cluster-down': redis('CLUSTERDOWN', 'The cluster is down'),
} satisfies Record<string, Partial<Record<DatabaseName, DatabaseError>>>;

export type ErrorName = keyof typeof errors;
export const errorNames = Object.keys(errors) as [ErrorName, ...ErrorName[]];

/** @returns the error as the server of this protocol says it; `undefined`: it knows none such */
export const errorOf = (name: ErrorName, protocol: DatabaseName): DatabaseError | undefined =>
  (errors[name] as Partial<Record<DatabaseName, DatabaseError>>)[protocol];

/** What a code of the author's own looks like. */
export const codeForms: Record<DatabaseName, { pattern: RegExp; is: string }> = {
  postgres: { pattern: /^[0-9A-Z]{5}$/, is: 'a SQLSTATE of five digits and capital letters, such as 40P01' },
  mysql: { pattern: /^[1-9][0-9]{0,4}$/, is: 'the number of an error, such as 1213' },
  redis: { pattern: /^[A-Z]+$/, is: 'a word in capital letters, such as BUSY' },
};
