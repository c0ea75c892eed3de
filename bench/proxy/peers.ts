/* The proxies that people have, each with its defaults, one thread, and nothing asked of it but to carry. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contender, Start } from './contender.ts';
import { type Ports, roles } from './roles.ts';

export const direct: Start = async (servers) => ({ name: 'direct', ports: servers, pid: undefined, async stop() {} });

export const haproxy: Start = (servers) => haproxyWith('haproxy', '', servers);
/** `splice-auto` would not splice here: it waits for signs of bulk that a loopback does not show. */
export const haproxySplice: Start = (servers) =>
  haproxyWith('haproxy splice', 'option splice-request\n  option splice-response', servers);

async function haproxyWith(name: string, option: string, servers: Ports): Promise<Contender | undefined> {
  const ports = await freePorts();
  return await startPeer(name, ports, 'haproxy', (directory) => {
    const file = join(directory, 'haproxy.cfg');
    const carried = roles.map(
      (role) =>
        `listen ${role}\n  bind 127.0.0.1:${ports[role]} backlog 2048\n  server one 127.0.0.1:${servers[role]}\n`,
    );
    const times = ['connect 5s', 'client 10m', 'server 10m'].map((time) => `  timeout ${time}\n`).join('');
    const defaults = `defaults\n  mode tcp\n  ${option}\n${times}`;
    writeFileSync(file, `global\n  nbthread 1\n  maxconn 4096\n${defaults}${carried.join('')}`);
    return ['-db', '-f', file];
  });
}

export const nginx: Start = async (servers) => {
  const ports = await freePorts();
  return await startPeer('nginx', ports, 'nginx', (directory) => {
    const file = join(directory, 'nginx.conf');
    const stream = (['echo', 'source', 'sink'] as const).map(
      (role) => `server { listen 127.0.0.1:${ports[role]} backlog=2048; proxy_pass 127.0.0.1:${servers[role]}; }\n`,
    );
    const scratch = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (what) => `${what}_temp_path ${join(directory, what)};`,
    );
    writeFileSync(
      file,
      `load_module /usr/lib/nginx/modules/ngx_stream_module.so;
      daemon off; master_process off; worker_processes 1; worker_rlimit_nofile 8192;
      pid ${join(directory, 'pid')}; error_log stderr crit;
      events { worker_connections 4096; }
      stream { ${stream.join('')} }
      http {
        access_log off; ${scratch.join(' ')}
        upstream servers { server 127.0.0.1:${servers.http}; keepalive 64; keepalive_requests 1000000000; }
        server {
          listen 127.0.0.1:${ports.http}; keepalive_requests 1000000000;
          location / { proxy_pass http://servers; proxy_http_version 1.1; proxy_set_header Connection ""; }
        }
      }`,
    );
    return ['-c', file, '-e', 'stderr'];
  });
};

/** A process for each port, which forks one for each connection. */
export const socat: Start = async (servers) => {
  if (!isInstalled('socat')) return undefined;
  const ports = await freePorts();
  const carry = roles.map(
    (role) =>
      `socat TCP-LISTEN:${ports[role]},bind=127.0.0.1,fork,reuseaddr,nodelay,backlog=2048 TCP:127.0.0.1:${servers[role]},nodelay`,
  );
  // One parent, so that one process tree is socat; it waits for all of them.
  return await startPeer('socat', ports, 'bash', () => [
    '-c',
    `trap 'kill $(jobs -p)' EXIT; ${carry.join(' & ')} & wait`,
  ]);
};

async function startPeer(
  name: string,
  ports: Ports,
  command: string,
  configure: (directory: string) => string[],
): Promise<Contender | undefined> {
  if (!isInstalled(command)) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'chaos-bench-'));
  // Ended by the kernel when this process dies, however it does.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', command, ...configure(directory)], { stdio: 'ignore' });
  const exit = once(child, 'exit');
  await Promise.all(roles.map((role) => untilListening(ports[role], child)));
  return {
    name,
    ports,
    pid: child.pid!,
    async stop() {
      child.kill('SIGTERM');
      await exit;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const isInstalled = (command: string) => spawnSync('which', [command]).status === 0;

async function freePorts(): Promise<Ports> {
  const servers = await Promise.all(
    roles.map(async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return Object.fromEntries(roles.map((role, index) => [role, ports[index]])) as unknown as Ports;
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise((resolve) =>
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
    );
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${child.spawnargs.join(' ')} ended with ${child.exitCode} before it listened on ${port}`);
}
