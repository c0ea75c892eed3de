/*
 * What a link costs that understands HTTP/2, and so ends it on both sides: requests a second of one session with many
 * streams, against the same through a plain link and without any. The server is a process of its own, as the proxy is.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProtocolName } from '../src/model/protocol.ts';
import { startProxy } from '../src/proxy/start.ts';
import { finding } from './finding.ts';
import { median } from './measure.ts';

const atOnce = 50;
const requests = 5000;
const rounds = 5;

const server = spawn(process.execPath, [
  '-e',
  `const server = require('node:http2').createServer();
  server.on('stream', (stream) => { stream.respond({ ':status': 200 }); stream.end('hello'); });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));`,
]);
const upstream = `127.0.0.1:${String((await once(server.stdout, 'data'))[0]).trim()}`;
const directory = mkdtempSync(join(tmpdir(), 'chaos-bench-'));
const { child, control } = await startProxy({
  entry: join('dist', 'proxy.cjs'),
  socketPath: join(directory, 'control'),
  env: process.env,
});
const link = (protocol: ProtocolName): Promise<string> =>
  control.listen({ proxy: protocol, listen: '127.0.0.1:0', upstream, protocol });

const addresses = { direct: upstream, plain: await link('tcp'), understood: await link('http2') };
const rates: Record<keyof typeof addresses, number[]> = { direct: [], plain: [], understood: [] };
for (let round = 0; round <= rounds; round += 1)
  for (const [name, address] of Object.entries(addresses)) {
    const rate = await perSecond(address);
    if (round > 0) rates[name as keyof typeof addresses].push(rate); // the first one warms up
  }
for (const [name, against] of [
  ['plain', 'a plain link'],
  ['direct', 'no proxy'],
] as const)
  finding({
    what: `proxy: requests/s of a session of HTTP/2, ${atOnce} at once, on a link with http2`,
    measured: `${(median(rates.understood) / median(rates[name])).toFixed(2)} × (${median(rates.understood).toFixed(0)} /s)`,
    against: `${against} (${median(rates[name]).toFixed(0)} /s)`,
  });

control.close();
child.stdin?.end();
server.kill();
rmSync(directory, { recursive: true, force: true });

async function perSecond(address: string): Promise<number> {
  const session = connect(`http://${address}`);
  await once(session, 'connect');
  const startMs = performance.now();
  let left = requests;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        await once(session.request({ ':path': '/' }).resume(), 'end');
      }
    }),
  );
  const perSecond = requests / ((performance.now() - startMs) / 1000);
  session.close();
  return perSecond;
}
