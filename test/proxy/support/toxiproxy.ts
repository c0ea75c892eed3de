import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Proxy as NamedProxy, type ToxicType, Toxiproxy } from 'toxiproxy-node-client';
import { chaosBin } from '../../support/chaos.ts';
import { portOf } from './rig.ts';
import { freePort } from './server.ts';

export interface ApiAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: unknown;
}

/** `chaos proxy` as somebody starts it, and what npm's client for Toxiproxy does with it. */
export class ProxyServer {
  readonly client: Toxiproxy;
  /** Of its API, `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** What it said when it was ready. */
  readonly said: string;
  readonly pid: number;
  readonly ended: Promise<number | string>;
  readonly #kill: (signal: NodeJS.Signals) => void;

  private constructor(child: ReturnType<typeof spawn>, said: string, ended: Promise<number | string>) {
    this.said = said;
    this.url = /http:\/\/\S+/.exec(said)![0];
    this.client = new Toxiproxy(this.url);
    this.pid = child.pid!;
    this.ended = ended;
    this.#kill = (signal) => child.kill(signal);
  }

  static async start(...options: string[]): Promise<ProxyServer> {
    const argv = [chaosBin, 'proxy', '--listen', '127.0.0.1:0', '--seed', '1', ...options];
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
    const [said] = await Promise.race([
      once(child.stdout, 'data'),
      ended.then((how) => {
        throw new Error(`it ended with ${how}`);
      }),
    ]);
    return new ProxyServer(child, String(said), ended);
  }

  /** @returns a proxy and the port that it listens on */
  async proxy(name: string, upstreamPort: number): Promise<{ proxy: NamedProxy; port: number }> {
    const upstream = `127.0.0.1:${upstreamPort}`;
    const proxy = await this.client.createProxy({ name, listen: `127.0.0.1:${await freePort()}`, upstream });
    return { proxy, port: portOf(proxy.listen) };
  }

  /** What somebody who uses no client is answered. @param body JSON, or a text that may be none */
  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<ApiAnswer> {
    const asked = request(this.url, { method, path, headers, agent: false });
    asked.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const said = await text(response);
    const isJson = response.headers['content-type']?.startsWith('application/json');
    return { status: response.statusCode!, headers: response.headers, body: isJson ? JSON.parse(said) : said };
  }

  /** @returns its exit code, or the signal that ended it */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    this.#kill(signal);
    return await this.ended;
  }
}

/** A toxic on the way to the client, on every connection, unless told otherwise. */
export const toxic = <T>(
  type: ToxicType,
  attributes: T,
  more: { name?: string; stream?: 'upstream' | 'downstream'; toxicity?: number } = {},
) => ({ name: '', type, stream: 'downstream' as const, toxicity: 1, attributes, ...more });
