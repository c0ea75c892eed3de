import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { ask } from '../../proxy/support/http.ts';
import { type RunningServer, startServer } from '../../proxy/support/server.ts';

/** What nginx serves as a file; it is never sent compressed. */
export const largeFile = randomBytes(20_000_000);
/** What nginx compresses on the way, and so sends in chunks. */
export const page = `<ul>${Array.from({ length: 20_000 }, (_, index) => `<li>${index * index}</li>`).join('')}</ul>`;

/** An nginx of its own that serves files, and leads `/app/` to an application. */
export const startNginx = (appPort: number): Promise<RunningServer> =>
  startServer({
    name: 'nginx',
    answers: (port) => ask(port),
    command(port, directory) {
      const root = join(directory, 'root');
      mkdirSync(root);
      writeFileSync(join(root, 'large.bin'), largeFile);
      writeFileSync(join(root, 'page.html'), page);
      const configuration = join(directory, 'nginx.conf');
      const bodies = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
      writeFileSync(
        configuration,
        `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 2;
pid ${directory}/pid;
error_log stderr;
events {}
http {
  access_log off;
  types { text/html html; }
  gzip on;
  client_max_body_size 0;
${bodies.map((one) => `  ${one}_temp_path ${directory}/${one};`).join('\n')}
  server {
    listen 127.0.0.1:${port};
    root ${root};
    location = / { return 200 "well\\n"; }
    location /app/ {
      proxy_pass http://127.0.0.1:${appPort};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $http_connection;
    }
  }
}
`,
      );
      return ['nginx', '-e', 'stderr', '-p', directory, '-c', configuration];
    },
  });

/** A HAProxy of its own in front of one server, which it takes out of service while that does not answer `GET /` well. */
export const startHaproxy = (serverPort: number): Promise<RunningServer> =>
  startServer({
    name: 'haproxy',
    answers: (port) => ask(port),
    command(port, directory) {
      const configuration = join(directory, 'haproxy.cfg');
      writeFileSync(
        configuration,
        `defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 60s
frontend here
  bind 127.0.0.1:${port}
  default_backend there
backend there
  option httpchk GET /
  default-server inter 100ms fall 2 rise 2
  server only 127.0.0.1:${serverPort} check
`,
      );
      return ['haproxy', '-db', '-f', configuration];
    },
  });

/** An application that answers in chunks, and speaks another protocol when it is asked to: it says everything twice. */
export async function startApp(): Promise<{ port: number; close(): void }> {
  const server = createServer((asked, answer) => {
    answer.write('part one, ');
    asked.resume().on('end', () => answer.end('part two'));
  });
  server.on('upgrade', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: twice\r\n\r\n');
    socket.on('data', (bytes: Buffer) => socket.write(Buffer.concat([bytes, bytes])));
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
