import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Address, formatAddress } from '../links/address.ts';
import { refusal } from '../links/listen.ts';
import { ApiError } from './api-error.ts';
import { refusalOf } from './guard.ts';
import { metricsOf } from './metrics.ts';
import type { Proxies } from './proxies.ts';
import { route } from './routes.ts';

/** Toxiproxy's version whose API this is. */
const apiVersion = '2.12.0';

/** No honest body comes near it. */
const mostBodyBytes = 1024 * 1024;
const requestTimeoutMs = 15_000;

interface About {
  listen: Address;
  /** Names that a client may call it by, beside localhost, IP addresses, and the one that it listens on. */
  allowHosts: readonly string[];
  /** Ours, for `/version`. */
  version: string;
}

export interface ApiServer {
  /** `host:port` that it listens on. */
  address: string;
  close(): void;
}

/** Serves Toxiproxy's HTTP API. @throws RefusedListen */
export async function serveApi(proxies: Proxies, { listen, allowHosts, version }: About): Promise<ApiServer> {
  const hosts = new Set([listen.host, ...allowHosts].map((host) => host.toLowerCase()));
  const metrics = metricsOf(proxies);
  const pages = new Map<string, (response: ServerResponse) => void | Promise<void>>([
    ['/version', (response) => tell(response, 200, { version: apiVersion, chaos: version })],
    ['/metrics', async (response) => send(response, 200, metrics.contentType, await metrics.text())],
  ]);
  const server = createServer({ requestTimeout: requestTimeoutMs }, (request, response) => {
    void answer(request, response).catch((error: unknown) => tellError(response, error));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('X-Toxiproxy-Request-Id', randomUUID());
    const refusal = refusalOf(request.headers, hosts);
    if (refusal !== undefined) throw new ApiError(refusal, 403);
    const { method = 'GET' } = request;
    const path = (request.url ?? '/').replace(/[?#].*$/, '');
    const text = await bodyOf(request);
    const page = pages.get(path);
    if (page && method === 'GET') return await page(response);
    const found = page ? 'no-method' : await route(proxies, { method, path, text });
    if (found === 'no-route') send(response, 404, 'text/plain; charset=utf-8', '404 page not found\n');
    else if (found === 'no-method') response.writeHead(405).end();
    else if (found.body === undefined) response.writeHead(found.status).end();
    else tell(response, found.status, found.body);
  }

  await listenOn(server, listen);
  const { address: host, port } = server.address() as AddressInfo;
  return {
    address: formatAddress({ host, port }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function listenOn(server: Server, listen: Address): Promise<void> {
  server.listen({ ...listen });
  await once(server, 'listening').catch((error: Error) => {
    throw refusal(formatAddress(listen), error);
  });
}

/** @throws ApiError when it is too large or breaks off */
async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= mostBodyBytes) chunks.push(chunk); // read to its end in any case: else the answer would not arrive
    }
  } catch {
    throw new ApiError('the request broke off', 400);
  }
  if (bytes > mostBodyBytes) throw new ApiError(`a body has at most ${mostBodyBytes} bytes`, 413);
  return Buffer.concat(chunks).toString('utf8');
}

function tellError(response: ServerResponse, error: unknown): void {
  if (!(error instanceof ApiError)) console.error('a defect of the fault proxy made a request fail:', error);
  if (response.headersSent || response.destroyed) return void response.destroy();
  const { message, status } =
    error instanceof ApiError ? error : { message: 'a defect of the fault proxy', status: 500 };
  tell(response, status, { error: message, status });
}

const tell = (response: ServerResponse, status: number, body: unknown): void =>
  send(response, status, 'application/json', `${JSON.stringify(body)}\n`);

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) }).end(text);
}
