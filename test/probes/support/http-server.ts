import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface HttpServer {
  server: Server;
  port: number;
  url: string;
  /** Every connection that was ever made. */
  connections: Socket[];
  close(): Promise<void>;
}

/** A real HTTP server that answers as it is told. */
export async function serveHttp(listener: RequestListener, server: Server = createServer()): Promise<HttpServer> {
  const connections: Socket[] = [];
  server.on('request', listener).on('connection', (socket: Socket) => {
    connections.push(socket.on('error', () => {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    url: `http://127.0.0.1:${port}`,
    connections,
    async close() {
      for (const socket of connections) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A port at which nothing listens. */
export async function closedPort(): Promise<number> {
  const { port, close } = await serveHttp(() => {});
  await close();
  return port;
}
