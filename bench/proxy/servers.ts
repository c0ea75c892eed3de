/* The servers behind every contender: what each does with a connection is its name. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onAccepted } from '../../src/proxy/links/accept.ts';
import { serveProgram } from './program.ts';
import type { Ports } from './roles.ts';

const block = Buffer.alloc(1024 * 1024);
const readInto = Buffer.allocUnsafeSlow(block.length);
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 64\r\n\r\n${'x'.repeat(64)}`,
);

const roles: Record<keyof Ports, (socket: Socket) => void> = {
  echo: (socket) => void socket.pipe(socket),
  source: (socket) => send(socket.resume()),
  sink: (socket) => void socket.resume().on('end', () => socket.end()),
  http: (socket) => {
    let rest = '';
    socket.on('data', (bytes: Buffer) => {
      const parts = (rest + bytes.toString('latin1')).split('\r\n\r\n');
      rest = parts.pop()!;
      socket.cork();
      for (const _ of parts) socket.write(answer);
      socket.uncork();
    });
  },
};

const ports = {} as Ports;
for (const role of Object.keys(roles) as (keyof Ports)[]) ports[role] = await listen(role);
serveProgram(ports, async () => undefined);

async function listen(role: keyof Ports): Promise<number> {
  const server = createServer({ noDelay: true });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  const serve = (socket: Socket) => roles[role](socket.on('error', () => {}));
  // Reading by 64 KiB, as 'data' does, would make the sink what limits.
  if (role === 'sink') onAccepted(server, (accepted) => serve(accepted({ buffer: readInto, callback: () => true })));
  else server.on('connection', serve);
  return (server.address() as AddressInfo).port;
}

function send(socket: Socket): void {
  while (!socket.destroyed && socket.write(block));
  socket.once('drain', () => send(socket));
}
