import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { livePageData } from '../reporters/html/page-data.ts';
import { reportAsHtml } from '../reporters/html/write.ts';
import type { Tail } from './tail.ts';

export interface LiveServer {
  url: string;
  /** Whether somebody has seen the end of the run. */
  readonly hasToldEnd: boolean;
}

/**
 * Serves the page of a run on the loopback interface, behind a path that nobody can guess: other users of the machine, and
 * pages of other origins, see nothing and stop nothing.
 * @param port 0: any that is free
 * @throws when the port is taken
 */
export async function serveLive(tail: Tail, port: number, stop: () => void): Promise<LiveServer> {
  const token = randomBytes(16).toString('hex');
  const live = { url: '', hasToldEnd: false };
  const server = createServer((request, response) => {
    const path = allowedPath(request, token, (server.address() as AddressInfo).port);
    if (path === undefined) return answer(response, 403, 'text/plain', 'not for you\n');
    if (request.method === 'POST' && path === 'stop') {
      stop();
      return answer(response, 202, 'text/plain', 'stopping\n');
    }
    const told = tail.told();
    if (!told && path === '') return soon(response);
    if (request.method !== 'GET' || !told || !['', 'data'].includes(path))
      return answer(response, 404, 'text/plain', 'there is nothing here\n');
    if (path === '')
      return answer(response, 200, 'text/html; charset=utf-8', reportAsHtml(told, { isOver: tail.isOver }));
    if (tail.isOver) live.hasToldEnd = true;
    answer(response, 200, 'application/json', JSON.stringify(livePageData(told, { isOver: tail.isOver })));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  live.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${token}/`;
  return live;
}

/** @returns what stands behind the token; `undefined` for who does not know it, or was sent here by somebody else's page */
function allowedPath({ headers, url = '' }: IncomingMessage, token: string, port: number): string | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin } = headers;
  // A name of somebody else's that leads here is no name of ours.
  if (host === undefined || !hosts.includes(host)) return undefined;
  if (origin !== undefined && !hosts.some((one) => origin === `http://${one}`)) return undefined;
  return url.startsWith(`/${token}/`) ? url.slice(token.length + 2) : undefined;
}

/** The run has not begun yet. */
function soon(response: ServerResponse): void {
  response.setHeader('refresh', '1');
  answer(response, 503, 'text/plain', 'the run is about to begin\n');
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response
    .writeHead(status, {
      'content-type': type,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      // Nobody puts the stop button under somebody's finger.
      'content-security-policy': "frame-ancestors 'none'",
    })
    .end(body);
}
