import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise';
import { certificate, type RunningServer, startServer } from './server.ts';

/**
 * A MariaDB of its own with an empty database `shop` of a user `shop` without a password, who may do anything.
 * @param options.tls with a certificate that is made for it; needs `openssl`
 */
export const startMariadb = (options: { tls?: boolean } = {}): Promise<RunningServer> =>
  startServer({
    name: 'mariadb',
    answers: async (port) => (await connectToMariadb(port)).end(),
    command(port, directory) {
      const asMe = process.getuid?.() === 0 ? ['--user=root'] : [];
      const data = `--datadir=${join(directory, 'data')}`;
      const install = ['--no-defaults', data, '--skip-test-db', '--auth-root-authentication-method=normal', ...asMe];
      execFileSync('mariadb-install-db', install, { stdio: 'pipe' });
      const first = join(directory, 'first.sql');
      writeFileSync(
        first,
        "create database shop;\ncreate user shop@'%';\ngrant all on *.* to shop@'%' with grant option;\n",
      );
      return [
        'mariadbd',
        ...['--no-defaults', data, ...asMe, `--init-file=${first}`, `--socket=${join(directory, 'socket')}`],
        ...['--bind-address=127.0.0.1', `--port=${port}`, '--skip-name-resolve', '--skip-log-bin'],
        ...['--innodb-flush-log-at-trx-commit=0', '--local-infile=1', '--max-connections=30'],
        ...(options.tls ? tls(directory) : []),
      ];
    },
  });

function tls(directory: string): string[] {
  const { key, cert } = certificate(directory);
  return [`--ssl-key=${key}`, `--ssl-cert=${cert}`];
}

/** A client that is connected. Without TLS and compression, unless told otherwise. */
export async function connectToMariadb(port: number, options: ConnectionOptions = {}): Promise<Connection> {
  const client = await createConnection({
    host: '127.0.0.1',
    port,
    user: 'shop',
    database: 'shop',
    multipleStatements: true,
    ...options,
  });
  client.on('error', () => {});
  return client;
}

/** What MariaDB's own client prints, errors with it. */
export function mariadbCli(port: number, script: string): Promise<string> {
  const where = ['--no-defaults', '--host=127.0.0.1', `--port=${port}`, '--user=shop', '--skip-ssl', 'shop'];
  return new Promise((resolve) => {
    execFile('mariadb', [...where, '--force', '--unbuffered', `--execute=${script}`], (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}
