import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import type { JsonValue } from '../../model/json.ts';

export interface HttpQuestion {
  url: string;
  method: string;
  headers?: Record<string, string>;
  body?: JsonValue;
}

export interface HttpAnswer {
  status: number;
  body: Buffer;
  /** Whether `body` is all of it. */
  isWhole: boolean;
}

export interface HttpClient {
  /**
   * Asks once and reads the answer to its end, but keeps only so many bytes of its body.
   * Rejects with the error of the network, or when `signal` aborts it: then its connection is closed.
   */
  ask(question: HttpQuestion, signal: AbortSignal, keepBytes: number): Promise<HttpAnswer>;
  close(): void;
}

/**
 * A connection that nobody used for so long is closed by us. Servers close idle connections too, and a question that
 * crosses that on its way would look like a failure of theirs.
 */
const idleMs = 1000;

/** Connections are kept, and opened as many as are needed: a slow answer never delays the next question. */
export function openHttpClient(options: { insecure: boolean }): HttpClient {
  const http = shortlyIdle(new HttpAgent({ keepAlive: true }));
  const https = shortlyIdle(new HttpsAgent({ keepAlive: true, rejectUnauthorized: !options.insecure }));
  return {
    ask(question, signal, keepBytes) {
      const url = new URL(question.url);
      const { headers, body } = contents(question);
      const about = { method: question.method, headers, signal };
      return new Promise((resolve, reject) => {
        const request =
          url.protocol === 'https:'
            ? requestHttps(url, { ...about, agent: https })
            : requestHttp(url, { ...about, agent: http });
        const withoutAnswer = () => reject(new Error('connection closed without an answer'));
        request.on('error', reject);
        // What Node does not call an error (an upgrade that nobody asked for) still ends here.
        request.once('close', withoutAnswer);
        request.once('response', (response) => {
          request.off('close', withoutAnswer);
          read(response, keepBytes).then(resolve, reject);
        });
        request.end(body);
      });
    },
    close() {
      http.destroy();
      https.destroy();
    },
  };
}

function shortlyIdle<A extends HttpAgent>(agent: A): A {
  const keepSocketAlive = agent.keepSocketAlive.bind(agent) as (socket: Socket) => boolean;
  agent.keepSocketAlive = (socket: Socket) => {
    const isKept = keepSocketAlive(socket);
    socket.setTimeout(idleMs);
    return isKept;
  };
  const reuseSocket = agent.reuseSocket.bind(agent);
  agent.reuseSocket = (socket, request) => {
    (socket as Socket).setTimeout(0);
    reuseSocket(socket, request);
  };
  return agent;
}

function contents({ headers = {}, body }: HttpQuestion): { headers: Record<string, string>; body?: string } {
  const sent: Record<string, string> = { 'user-agent': 'chaos', ...lowerCased(headers) };
  if (body === undefined) return { headers: sent };
  if (typeof body === 'string') return { headers: sent, body };
  return { headers: { 'content-type': 'application/json', ...sent }, body: JSON.stringify(body) };
}

const lowerCased = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function read(response: IncomingMessage, keepBytes: number): Promise<HttpAnswer> {
  const kept: Buffer[] = [];
  let room = keepBytes;
  let isWhole = true;
  return new Promise((resolve, reject) => {
    response.on('data', (chunk: Buffer) => {
      if (chunk.length > room) isWhole = false;
      // Copied where it is cut, so that the rest can be freed.
      if (room > 0) kept.push(chunk.length > room ? Buffer.from(chunk.subarray(0, room)) : chunk);
      room = Math.max(0, room - chunk.length);
    });
    response.once('end', () => resolve({ status: response.statusCode!, body: Buffer.concat(kept), isWhole }));
    const broken = () =>
      reject(new Error(`connection closed in the middle of the answer, after status ${response.statusCode}`));
    response.on('error', broken);
    response.once('close', broken);
  });
}
