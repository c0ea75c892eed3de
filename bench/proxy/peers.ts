/* The proxies that people have, each with its defaults, one thread, and nothing asked of it but to carry. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Absent, type Contender, type Start } from './contender.ts';
import { freePorts, refuseWithout, startPeer } from './peer.ts';
import { type Ports, roles } from './roles.ts';

export const direct: Start = async (servers) => ({ name: 'direct', ports: servers, pid: undefined, async stop() {} });

export const haproxy: Start = (servers) => haproxyWith('haproxy', '', servers);
/** `splice-auto` would not splice here: it waits for signs of bulk that a loopback does not show. */
export const haproxySplice: Start = (servers) =>
  haproxyWith('haproxy splice', 'option splice-request\n  option splice-response', servers);

async function haproxyWith(name: string, option: string, servers: Ports): Promise<Contender> {
  const ports = await freePorts(roles);
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

/** A module of its own in Debian, libnginx-mod-stream. */
const streamModule = '/usr/lib/nginx/modules/ngx_stream_module.so';

export const nginx: Start = async (servers) => {
  refuseWithout('nginx');
  if (!existsSync(streamModule)) throw new Absent('nginx has no stream module here (libnginx-mod-stream)');
  const ports = await freePorts(roles);
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
      `load_module ${streamModule};
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
  refuseWithout('socat'); // which bash would start
  const ports = await freePorts(roles);
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
