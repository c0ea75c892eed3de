import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, it, type TestContext } from 'vitest';
import { identify } from '../../src/host/processes.ts';
import { chaosBin, packageRoot } from '../support/chaos.ts';
import { needs, ordinaryUser } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';
import { Hold } from './support/hold.ts';

/*
 * client ─▶ 127.0.0.1:port ─▶ [ gate ─▶ 10.1.2.3:80 ] ─▶ a server of ours
 *
 * The gate asks the server for each request, so it is harmed on either side. All of it belongs to an ordinary user.
 */

let upstream: Server;
let upstreamPort: number;
beforeAll(async () => {
  upstream = createServer((_, response) => response.end('from upstream'));
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  upstreamPort = (upstream.address() as AddressInfo).port;
});
afterAll(() => upstream.close());

const gate = `
  const { createServer, get } = require('node:http');
  createServer((request, response) => {
    if (request.url === '/own') return response.end('own');
    if (request.url === '/linger') process.on('SIGTERM', () => setTimeout(() => process.exit(), 5000));
    if (request.url === '/large') return response.end(Buffer.alloc(300_000));
    if (request.url === '/who') return response.end(String(process.getuid()));
    if (request.url !== '/') return response.end();
    get({ host: '10.1.2.3', port: 80, timeout: 800, agent: false }, (answer) => answer.pipe(response))
      .on('timeout', function () { this.destroy(new Error('ETIMEDOUT')); })
      .on('error', ({ code, message }) => response.end(code ?? message));
  }).listen(Number(process.env.PORT), '127.0.0.1');`;

const scenario = (steps: string, port: number): string => `version: 1
name: Isolated
targets:
  gate:
    process:
      command: [node, -e, ${JSON.stringify(gate)}]
      env: { PORT: "${port}" }
      ready: { http: "http://127.0.0.1:${port}/own" }
      restart: { delay: 50ms }
      isolate: { network: { reach: [{ address: "10.1.2.3:80", via: "127.0.0.1:${upstreamPort}" }] } }
timeline:
${steps}
`;

interface Gate {
  day: GameDay;
  hold: Hold;
  port: number;
  /** What it answers; or the code of the error, or `silence`. */
  ask(path: string, about?: Asking): Promise<string>;
}

/** @param inject as in a step; without it nothing is injected */
const onGate = (name: string, inject: string, test: (gate: Gate, context: TestContext) => Promise<void>) =>
  it(name, { timeout: 60_000 }, async (context) => {
    needs(context, 'namespaces of who is not root');
    const port = await freePort();
    const { uid } = ordinaryUser();
    const hold = new Hold();
    const day = new GameDay(scenario(hold.steps(inject), port), uid === undefined ? {} : { user: uid });
    try {
      await test({ day, hold, port, ask: (path, about) => ask(path, { port, ...about }) }, context);
    } finally {
      hold.clear();
    }
  });

describe.concurrent('a process with a network of its own', () => {
  onGate(
    'reaches and is reached as before, as who it was',
    'command, with: { inject: ["true"] }',
    async ({ day, hold, ask }, { expect }) => {
      await day.until('target-ready');
      expect(await ask('/own')).toBe('own');
      expect(await ask('/')).toBe('from upstream');
      expect(await ask('/large')).toHaveLength(300_000);
      expect(await ask('/who')).toBe(String(ordinaryUser().uid ?? process.getuid!()));
      const { pid } = await day.until('target-ready');
      expect(readFileSync(`/proc/${pid}/net/dev`, 'utf8').match(/^ *\w+:/gm)).toEqual(['    lo:']);
      hold.finish();
      expect(await day.end(), day.stderr).toBe(0);
      expect(await day.untilClean()).toEqual([]);
      expect(await ask('/own')).toBe('ECONNREFUSED');
    },
  );

  onGate(
    'loses packets, and its kernel sends them again',
    'network-loss, target: gate, with: { rate: 30%, direction: both }',
    async ({ day, hold, ask }, { expect }) => {
      const { pid } = await day.until('target-ready');
      expect(sentAgain(pid!)).toBe(0);
      await day.until('injection-in-force');
      await Promise.all(Array.from({ length: 20 }, () => ask('/')));
      expect(sentAgain(pid!)).toBeGreaterThan(0);
      hold.finish();
      expect(await day.end(), day.stderr).toBe(0);
      expect(day.report().injections[0]).toMatchObject({ state: 'undone', gone: true, effect: { seen: 'seen' } });
    },
  );

  onGate(
    'is cut off from one peer alone, is told so, and reaches it afterwards',
    'network-partition, target: gate, with: { mode: reject, peers: [10.1.2.0/24] }',
    async ({ day, hold, ask }, { expect }) => {
      await day.until('injection-in-force');
      expect(await ask('/')).toMatch(/ECONNREFUSED|ECONNRESET/);
      expect(await ask('/own')).toBe('own');
      hold.lift();
      await day.until('injection-undone');
      expect(await ask('/')).toBe('from upstream');
      hold.finish();
      expect(await day.end(), day.stderr).toBe(0);
    },
  );

  onGate(
    'hears nobody who comes to it, while others on the machine are heard, and all of them afterwards',
    'network-partition, target: gate, with: { direction: in }',
    async ({ day, hold, ask }, { expect }) => {
      await day.until('injection-in-force');
      expect(await ask('/own', { patienceMs: 1500 })).toBe('silence');
      expect(await ask('/', { port: upstreamPort })).toBe('from upstream');
      hold.lift();
      await day.until('injection-undone');
      expect(await becomes(async () => (await ask('/')) === 'from upstream')).toBe(true);
      hold.finish();
      expect(await day.end(), day.stderr).toBe(0);
    },
  );

  onGate(
    'has its connections reset, in the middle of what they say',
    'connection-reset, target: gate',
    async ({ day, hold, ask }, { expect }) => {
      await day.until('injection-in-force');
      expect(await ask('/own')).toBe('ECONNRESET');
      hold.finish();
      expect(await day.end(), day.stderr).toBe(0);
    },
  );

  onGate(
    'sends no faster than the bandwidth allows, as their receiver sees it',
    'network-bandwidth, target: gate, with: { rate: 1Mbit/s }',
    async ({ day, hold, ask }, { expect }) => {
      await day.until('injection-in-force');
      const beganMs = performance.now();
      expect(await ask('/large')).toHaveLength(300_000);
      // 300,000 bytes take 2.4 seconds at 125,000 a second; some of it the bucket and the kernel let ahead.
      expect(performance.now() - beganMs).toBeGreaterThan(1800);
      hold.lift();
      await day.until('injection-undone');
      const afterMs = performance.now();
      expect(await ask('/large')).toHaveLength(300_000);
      expect(performance.now() - afterMs).toBeLessThan(1800);
      hold.finish();
      expect(await day.end(), day.stderr).toBe(0);
    },
  );

  onGate(
    'that is started again meets the same fault',
    'network-partition, target: gate, with: { mode: reject, peers: [10.1.2.3] }',
    async ({ day, hold, ask }, { expect }) => {
      await day.until('injection-in-force');
      const { pid } = await day.until('target-ready');
      process.kill(pid!, 'SIGKILL');
      await day.until('target-ready', ({ generation }) => generation === 2);
      expect(await ask('/')).toMatch(/ECONNREFUSED|ECONNRESET/);
      hold.finish();
      expect(await day.end(), day.stderr).toBe(0);
    },
  );

  for (const [fault, settings] of [
    ['network-loss', '{}'],
    ['network-partition', '{ peers: [10.1.2.3] }'],
    ['connection-reset', '{}'],
    ['network-bandwidth', '{}'],
  ] as const)
    onGate(
      `under ${fault} leaves nothing behind when the runner is killed`,
      `${fault}, target: gate, with: ${settings}`,
      async ({ day, ask }, { expect }) => {
        const { pid } = await day.until('target-ready');
        await day.until('injection-in-force');
        day.signal('SIGKILL');
        await day.end();
        expect(await day.untilClean(), day.stderr).toEqual([]);
        expect(identify(pid!)).toBeUndefined();
        expect(await becomes(async () => (await ask('/own')) === 'ECONNREFUSED')).toBe(true);
        // The story is told last.
        expect(await becomes(async () => JSON.stringify(day.events()).includes('undone by the guardian'))).toBe(true);
      },
    );

  onGate(
    'is freed by the guardian before it is ended, when the runner is killed',
    'network-partition, target: gate, with: { peers: [10.1.2.3] }',
    async ({ day, ask }, { expect }) => {
      await day.until('injection-in-force');
      await ask('/linger');
      expect(await ask('/')).toMatch('ETIMEDOUT');
      day.signal('SIGKILL');
      expect(await becomes(async () => (await ask('/')) === 'from upstream')).toBe(true);
      expect(await day.untilClean()).toEqual([]);
    },
  );

  onGate(
    'ends the run when its relay is killed, and leaves nothing behind',
    'network-partition, target: gate',
    async ({ day }, { expect }) => {
      await day.until('injection-in-force');
      process.kill(await day.helper('chaos-relay'), 'SIGKILL');
      expect(await day.end(), day.stderr).toBe(4);
      expect(day.stderr).toContain('the relay of gate was ended by SIGKILL');
      expect(await day.untilClean()).toEqual([]);
    },
  );

  it('is what an ordinary user needs for the game day that ships', { timeout: 60_000 }, async (context) => {
    needs(context, 'namespaces of who is not root');
    const { uid } = ordinaryUser();
    const day = new GameDay('scenarios/bad-network.yaml', uid === undefined ? {} : { user: uid });
    context.expect(await day.end(), day.stderr).toBe(0);
    // Through the link that its configuration does not know of.
    const slow = day.report().injections.find(({ step }) => step === 'slow')!;
    context.expect(slow).toMatchObject({ gone: true, effect: { seen: 'seen' } });
    context.expect(day.leftovers()).toEqual([]);
  });

  it('is refused, with the line that grants it, where nobody but root may have one', async (context) => {
    needs(context, 'namespaces of who is not root');
    const { uid, gid } = ordinaryUser();
    // A user namespace has limits of its own.
    const forbidden = 'echo 0 > /proc/sys/user/max_net_namespaces && exec "$@"';
    const inOne = ['--user', '--map-user=1000', '--map-group=1000', '--keep-caps', 'sh', '-c', forbidden, 'sh'];
    const argv = [...inOne, process.execPath, chaosBin, 'doctor'];
    const { stdout } = await promisify(execFile)('unshare', argv, { cwd: packageRoot, uid, gid });
    const remedy = 'sysctl user.max_net_namespaces=10000';
    context.expect(stdout).toMatch(new RegExp(`network-loss +process +nft +no .*: ${remedy}\n`));
  });
});

/** How many segments of TCP the network of a process has sent again. */
function sentAgain(pid: number): number {
  const [names, values] = readFileSync(`/proc/${pid}/net/snmp`, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Tcp:'))
    .map((line) => line.split(' '));
  return Number(values![names!.indexOf('RetransSegs')]);
}

interface Asking {
  port?: number;
  patienceMs?: number;
}

function ask(path: string, { port = 0, patienceMs = 10_000 }: Asking): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    let said = '';
    const timer = setTimeout(() => socket.destroy(Object.assign(new Error(), { code: 'silence' })), patienceMs);
    const over = (what: string) => {
      clearTimeout(timer);
      resolve(what);
    };
    socket.setEncoding('latin1').on('data', (text) => {
      said += text;
    });
    socket.on('connect', () => socket.write(`GET ${path} HTTP/1.0\r\n\r\n`));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => over(code ?? 'error'));
    socket.on('end', () => over(said.slice(said.indexOf('\r\n\r\n') + 4)));
  });
}

async function becomes(isSo: () => Promise<boolean>): Promise<boolean> {
  for (let left = 500; left > 0; left -= 1) {
    if (await isSo()) return true;
    await delay(20);
  }
  return false;
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
