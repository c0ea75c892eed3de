import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { entry, get, probe, type Rig, serve, startRig } from './support/rig.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
async function rigForThisTest(): Promise<Rig> {
  const rig = await startRig();
  ends.push(() => rig.sampler.close());
  return rig;
}
const isThere = (pid: number) => existsSync(`/proc/${pid}`);

/** A program that tells its pid by a request, and then stays. */
const stays = (url: string): string[] => [
  process.execPath,
  '-e',
  `fetch(process.argv[1] + '/' + process.pid); setTimeout(() => {}, 600_000)`,
  url,
];
async function pidsTold() {
  const pids: number[] = [];
  const server = await serve((request, response) => {
    pids.push(Number(request.url!.slice(1)));
    response.end();
  });
  ends.push(server.close);
  return { url: server.url, pids };
}

test('when the runner is killed with SIGKILL, the sampler ends, and with it the programs of its probes', async () => {
  const { url, pids } = await pidsTold();
  const probes = [probe('stays', 'command', { argv: stays(url) }, { every: 60_000, timeout: 60_000 })];
  const runner = spawn(process.execPath, ['-e', runnerSource, entry, JSON.stringify(probes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [samplerPid] = await new Promise<number[]>((resolve) =>
    createInterface(runner.stdout).once('line', (line) => resolve([Number(line)])),
  );
  await expect.poll(() => pids.length, { timeout: 20_000 }).toBe(1);
  runner.kill('SIGKILL');
  await expect.poll(() => [samplerPid!, ...pids].filter(isThere), { timeout: 20_000 }).toEqual([]);
});

const runnerSource = `
  const { fork } = require('node:child_process');
  const [entry, probes] = process.argv.slice(1);
  const sampler = fork(entry, ['killed-run', String(process.hrtime.bigint())], { detached: true });
  sampler.once('message', () => {
    sampler.send({ request: 1, type: 'start', probes: JSON.parse(probes) });
    console.log(sampler.pid);
  });
`;

test('closed, it ends the programs of its probes, and closing twice is harmless', async () => {
  const { url, pids } = await pidsTold();
  const rig = await rigForThisTest();
  await rig.sampler.start([probe('stays', 'command', { argv: stays(url) }, { every: 60_000, timeout: 60_000 })]);
  await expect.poll(() => pids.length, { timeout: 20_000 }).toBe(1);
  await Promise.all([rig.sampler.close(), rig.sampler.close()]);
  expect([rig.sampler.pid, ...pids].filter(isThere)).toEqual([]);
  expect(rig.failures).toEqual([]);
});

test('a program that runs longer than the time limit is bad then, and ended', async () => {
  const { url, pids } = await pidsTold();
  const rig = await rigForThisTest();
  const sample = await rig.sampler.once(probe('slow', 'command', { argv: stays(url) }, { timeout: 1500 }));
  expect(sample).toMatchObject({ state: 'bad', reason: 'no answer within 1.5s' });
  await expect.poll(() => pids.filter(isThere), { timeout: 20_000 }).toEqual([]);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s does not end it: that is the runner’s to say',
  async (signal) => {
    const rig = await rigForThisTest();
    const server = await serve((_, response) => response.end('ok'));
    ends.push(server.close);
    process.kill(rig.sampler.pid, signal);
    expect((await rig.sampler.once(probe('own', 'http', get(server.url)))).state).toBe('good');
  },
);

test('with many answers outstanding it writes nothing to stderr, so that its last words are why it died', async () => {
  const rig = await rigForThisTest();
  const silent = await serve(() => {});
  ends.push(silent.close);
  await rig.sampler.start([probe('silent', 'http', get(silent.url), { every: 5, timeout: 300 })]);
  await rig.until(() => rig.of('silent').length > 5);
  process.kill(rig.sampler.pid, 'SIGKILL');
  await rig.until(() => rig.failures.length > 0);
  expect(rig.failures).toEqual(['the sampler was ended by SIGKILL']);
});

test('killed, it is told as a failure once, and whoever waits for it is told as well', async () => {
  const rig = await rigForThisTest();
  const silent = await serve(() => {});
  ends.push(silent.close);
  const asked = rig.sampler.once(probe('own', 'http', get(silent.url), { timeout: 60_000 }));
  process.kill(rig.sampler.pid, 'SIGKILL');
  await expect(asked).rejects.toThrow('the sampler was ended by SIGKILL');
  await rig.until(() => rig.failures.length > 0);
  expect(rig.failures).toEqual(['the sampler was ended by SIGKILL']);
  await expect(rig.sampler.stopSampling()).rejects.toThrow('the sampler');
});

test('it cannot be started by hand, and says so', async () => {
  const child = spawn(process.execPath, [entry, 'run', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(2);
  expect(said).toBe('the sampler is started by `chaos run`\n');
});
