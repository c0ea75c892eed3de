import { once } from 'node:events';
import { type Agent, createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { JsonObject } from '../../../src/model/json.ts';

/** Settings of a failure, all given: every request, with 503 and a short body, unless told otherwise. */
export const failureOf = (id: string, more: JsonObject = {}) => ({
  id,
  kind: 'http-failure',
  settings: { rate: 1, seed: id, how: 'answer', status: 503, body: 'failed', ...more },
});

/** A server of Node's own. */
export async function serveHttp(
  listener: RequestListener,
  prepare: (server: Server) => void = () => {},
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(listener);
  prepare(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export interface Asked {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** Whether the connection had been used before. */
  isReused: boolean;
  socket: Socket;
}

/** Asks with Node's own client and reads the answer to its end. Rejects when it breaks off. */
export function ask(
  port: number,
  about: { agent?: Agent; method?: string; path?: string; headers?: Record<string, string>; body?: Buffer } = {},
): Promise<Asked> {
  const { body, ...options } = about;
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, ...options });
    asked.on('error', reject);
    asked.once('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(parts),
          isReused: asked.reusedSocket,
          socket: response.socket,
        }),
      );
    });
    asked.end(body);
  });
}

/** Everything that comes until the end, however the connection ends. */
export function readAll(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  return new Promise((resolve) => {
    for (const event of ['end', 'close']) socket.once(event, () => resolve(Buffer.concat(parts)));
  });
}

/** Waits for text to have come, and gives what came until then. */
export function readUntil(socket: Socket, text: string): Promise<string> {
  let heard = '';
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      socket.off('data', hear).off('end', ended).off('close', ended);
      finish();
    };
    const hear = (part: Buffer) => {
      heard += part.toString('latin1');
      if (heard.includes(text)) settle(() => resolve(heard));
    };
    const ended = () => settle(() => reject(new Error(`the connection ended after ${JSON.stringify(heard)}`)));
    socket.on('data', hear).on('end', ended).on('close', ended);
  });
}

/** Answers of ours without the moment at which they were given. */
export const undated = (bytes: Buffer): string => bytes.toString('latin1').replaceAll(/\r\nDate: [^\r]+/g, '');

/** Settings of a rate, all given: every request. */
export const answerRateOf = (id: string, bytesPerSecond: number, more: JsonObject = {}) => ({
  id,
  kind: 'http-bandwidth',
  settings: { rate: 1, seed: id, bytesPerSecond, ...more },
});

/** Settings of a delay, all given: every request. */
export const answerDelayOf = (id: string, latencyMs: number, more: JsonObject = {}) => ({
  id,
  kind: 'http-delay',
  settings: { rate: 1, seed: id, latencyMs, jitterMs: 0, of: 'first-byte', ...more },
});

/** How long some work took, and what came of it. */
export async function tookMs<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const began = performance.now();
  const value = await work();
  return { ms: performance.now() - began, value };
}
