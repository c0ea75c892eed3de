/*
 * What faults of requests and packets do against what was asked of them, by what clients saw: each request, each ping.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { deleteTable, nftArgv, rulesetOf, tableName } from '../src/host/nft.ts';
import { apiFailure } from '../src/injectors/api-failure/index.ts';
import type { ProxyFault } from '../src/model/operation.ts';
import type { PacketRules } from '../src/model/packet-rules.ts';
import type { ProxyTarget } from '../src/model/scenario.ts';
import { decodeFields } from '../src/parser/decode.ts';
import { startProxy } from '../src/proxy/start.ts';
import { finding } from './finding.ts';

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), 'chaos-bench-'));
const { child, control } = await startProxy({
  entry: join('dist', 'proxy.cjs'),
  socketPath: join(directory, 'control'),
  env: process.env,
});

await failures(10_000);
if (process.getuid?.() === 0) for (const rate of [0.05, 0.1, 0.3]) await loss(rate, 10_000);
else console.log('network-loss is measured as root only');

control.close();
child.stdin?.end();
rmSync(directory, { recursive: true, force: true });
process.exit(0);

async function link(proxy: string, port: number, protocol: ProxyTarget['protocol']): Promise<number> {
  const bound = await control.listen({ proxy, listen: '127.0.0.1:0', upstream: `127.0.0.1:${port}`, protocol });
  return Number(bound.split(':').at(-1));
}

async function failures(requests: number): Promise<void> {
  const whole = Buffer.from('x'.repeat(500));
  const server = createServer((_, answer) => answer.end(whole)).listen(0, '127.0.0.1');
  await pause(50);
  const port = await link('api', (server.address() as AddressInfo).port, 'http');
  const target = { id: 'api', kind: 'proxy', protocol: 'http' } as ProxyTarget;
  const [action] = apiFailure.inject(decodeFields(apiFailure.parameters, {}) as never, {
    id: 'fail',
    seed: 'fail',
    target,
  }).inject;
  await control.add('api', (action as { fault: ProxyFault }).fault);
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  let failed = 0;
  let spoilt = 0;
  const one = () =>
    new Promise<void>((resolve, reject) =>
      get({ host: '127.0.0.1', port, agent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => {
          if (answer.statusCode === 503) failed += 1;
          else if (!Buffer.concat(chunks).equals(whole)) spoilt += 1;
          resolve();
        });
      }).on('error', reject),
    );
  for (let begun = 0; begun < requests; begun += 4) await Promise.all([one(), one(), one(), one()]);
  agent.destroy();
  server.close();
  finding({
    what: `api-failure 50 % of ${requests} requests`,
    measured: `${((failed / requests) * 100).toFixed(2)} % failed, ${spoilt} of the others changed`,
    goal: interval(0.5, requests),
    against: 'what was asked, as the client saw it',
  });
}

async function loss(rate: number, packets: number): Promise<void> {
  const namespace = `chaos-bench-${process.pid}`;
  await run('ip', ['netns', 'add', namespace]);
  try {
    await run('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    const table = tableName('bench', 'loss');
    const rules: PacketRules = {
      direction: 'out',
      peers: ['127.0.0.2'],
      ports: [],
      share: rate,
      drawnFor: 'packet',
      verdict: 'drop',
    };
    const [program, ...argv] = nftArgv({ namespace }, rulesetOf(table, rules, undefined));
    await run(program!, argv);
    const pings = ['ping', '-q', '-f', '-c', String(packets), '-W', '1', '127.0.0.2'];
    const { stdout } = await run('ip', ['netns', 'exec', namespace, ...pings]).catch((error) => error);
    await deleteTable({ namespace, table });
    finding({
      what: `network-loss ${rate * 100} % of ${packets} packets`,
      measured: `${/([0-9.]+)% packet loss/.exec(stdout)?.[1]} %`,
      goal: interval(rate, packets),
      against: 'what was asked, as ping saw it',
    });
  } finally {
    await run('ip', ['netns', 'del', namespace]);
  }
}

/** Where 99 of 100 such draws fall. */
function interval(share: number, draws: number): string {
  const margin = 2.576 * Math.sqrt((share * (1 - share)) / draws);
  return `${((share - margin) * 100).toFixed(2)} to ${((share + margin) * 100).toFixed(2)} % (99 %)`;
}
