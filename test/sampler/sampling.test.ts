import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { get, probe, type Rig, serve, startRig } from './support/rig.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
async function rigForThisTest(): Promise<Rig> {
  const rig = await startRig();
  ends.push(() => rig.sampler.close());
  return rig;
}
async function serverForThisTest(listener: Parameters<typeof serve>[0]) {
  const server = await serve(listener);
  ends.push(server.close);
  return server;
}

test('a stall of a second is counted by every question that was due in it, and the 99th percentile shows it', async () => {
  const held: (() => void)[] = [];
  let isStalled = false;
  let asked = 0;
  const server = await serverForThisTest((_, response) => {
    asked += 1;
    if (asked === 20) {
      isStalled = true;
      setTimeout(() => {
        isStalled = false;
        for (const answer of held) answer();
      }, 1000);
    }
    if (isStalled) held.push(() => response.end('ok'));
    else response.end('ok');
  });
  const rig = await rigForThisTest();
  await rig.sampler.start([probe('answers', 'http', get(server.url), { every: 20, timeout: 5000 })]);
  await rig.until(() => rig.of('answers').length >= 150);
  await rig.sampler.stopSampling();

  const samples = rig.of('answers').sort((a, b) => a.dueMs - b.dueMs);
  const measured = samples.filter(({ state }) => state !== 'unmeasured');
  const gaps = samples.slice(1).map(({ dueMs }, index) => dueMs - samples[index]!.dueMs);
  expect(Math.max(...gaps)).toBeCloseTo(20, 5);
  expect(measured.filter(({ latencyMs }) => latencyMs > 100).length).toBeGreaterThan(20);
  const latencies = measured.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  expect(latencies[Math.floor(0.99 * latencies.length)]).toBeGreaterThan(800);
});

test('a probe whose answers never come does not delay another', async () => {
  const silent = await serverForThisTest(() => {});
  const quick = await serverForThisTest((_, response) => response.end('ok'));
  const rig = await rigForThisTest();
  await rig.sampler.start([
    probe('silent', 'http', get(silent.url), { timeout: 300 }),
    probe('quick', 'http', get(quick.url)),
  ]);
  await rig.until(() => rig.of('silent').length >= 10);
  expect(rig.of('quick').length).toBeGreaterThan(10);
  expect(rig.of('quick').every(({ state }) => state !== 'bad')).toBe(true);
  expect(rig.of('silent')[0]).toMatchObject({ state: 'bad', reason: 'no answer within 300ms' });
});

test('when sampling is stopped every question that was due is told before that is answered, and none after', async () => {
  let asked = 0;
  const silent = await serverForThisTest(() => {
    asked += 1;
  });
  const rig = await rigForThisTest();
  await rig.sampler.start([probe('silent', 'http', get(silent.url), { every: 10, timeout: 400 })]);
  await rig.until(() => rig.of('silent').length >= 5);
  await rig.sampler.stopSampling();
  const told = rig.of('silent').length;
  expect(told).toBeGreaterThanOrEqual(asked);
  await pause(50);
  expect(rig.of('silent').length).toBe(told);
});

test('what our own lateness spoils is unmeasured, not bad', async () => {
  const server = await serverForThisTest((_, response) => response.end('ok'));
  const rig = await rigForThisTest();
  await rig.sampler.start([probe('answers', 'http', get(server.url), { every: 10 })]);
  await rig.until(() => rig.of('answers').length >= 5);
  process.kill(rig.sampler.pid, 'SIGSTOP');
  const stoppedMs = rig.now();
  await pause(300);
  process.kill(rig.sampler.pid, 'SIGCONT');
  await rig.until(() => rig.of('answers').some(({ dueMs, state }) => dueMs > stoppedMs + 320 && state === 'good'));

  const spoilt = rig.of('answers').filter(({ dueMs }) => dueMs > stoppedMs + 10 && dueMs < stoppedMs + 200);
  expect(spoilt.length).toBeGreaterThan(10);
  for (const sample of spoilt) {
    expect(sample.state).toBe('unmeasured');
    expect(sample.reason).toMatch(/^the sampler itself was \d+ms late$/);
  }
  expect(rig.of('answers').filter(({ state }) => state === 'bad')).toEqual([]);
});

test('an answer that nobody could look at while the sampler was stopped is unmeasured, not late and not missing', async () => {
  const asked: (() => void)[] = [];
  const server = await serverForThisTest((_, response) => void asked.push(() => response.end('ok')));
  const rig = await rigForThisTest();
  const inTime = rig.sampler.once(probe('own', 'http', get(server.url), { timeout: 60_000 }));
  const outOfTime = rig.sampler.once(probe('own', 'http', get(server.url), { timeout: 200 }));
  await expect.poll(() => asked.length, { timeout: 20_000 }).toBe(2);
  process.kill(rig.sampler.pid, 'SIGSTOP');
  for (const answer of asked) answer();
  await pause(400);
  process.kill(rig.sampler.pid, 'SIGCONT');
  const heldUp = { state: 'unmeasured', reason: expect.stringMatching(/^the sampler itself was held up for \d+ms$/) };
  expect(await inTime).toMatchObject(heldUp);
  expect(await outOfTime).toMatchObject(heldUp);
});

test('one sample is taken at once, of a probe that is not of the hypothesis', async () => {
  const server = await serverForThisTest((_, response) => response.writeHead(503).end('{"error":"database is down"}'));
  const rig = await rigForThisTest();
  const askedMs = rig.now();
  const sample = await rig.sampler.once(probe('own', 'http', get(server.url), { expect: { status: 200 } }));
  expect(sample.state).toBe('bad');
  expect(sample.reason).toContain('status 503, expected 200');
  expect(sample.reason).toContain('database is down');
  expect(sample.dueMs).toBeGreaterThanOrEqual(askedMs);
  expect(rig.samples).toEqual([]);
});

test('the run is named in settings by ${run}', async () => {
  const paths: (string | undefined)[] = [];
  const server = await serverForThisTest((request, response) => {
    paths.push(request.url);
    response.end();
  });
  const rig = await rigForThisTest();
  expect((await rig.sampler.once(probe('own', 'http', get(`${server.url}/\${run}/x`)))).state).toBe('good');
  expect(paths).toEqual(['/test-run/x']);
});

test('a probe that cannot be opened is told by name, and nothing is sampled', async () => {
  const rig = await rigForThisTest();
  const server = await serverForThisTest((_, response) => response.end('ok'));
  await expect(
    rig.sampler.start([
      probe('fine', 'http', get(server.url)),
      probe('odd', 'http', get(server.url), { expect: { json: { '$[': 1 } } }),
    ]),
  ).rejects.toThrow(/^probe odd cannot be opened: "\$\[" is not a JSONPath: unclosed bracketed selection/);
  await expect(rig.sampler.once(probe('own', 'telepathy', {}))).rejects.toThrow(
    'this telepathy probe: there is no kind of probe named telepathy',
  );
  expect(rig.samples).toEqual([]);
});

test('a ledger is read back when sampling is over: lost, twice there, and there without promise', async () => {
  const stored: string[] = [];
  const answers: { id: string; fate: string }[] = [];
  const fates = ['keep', 'keep', 'lose', 'twice', 'keep unacknowledged'];
  const server = await serverForThisTest((request, response) => {
    if (request.method === 'GET')
      return void response.end(JSON.stringify([...stored, 'another-1'].map((id) => ({ id }))));
    const id = request.url!.split('/').at(-1)!;
    const fate = fates[answers.length % fates.length]!;
    answers.push({ id, fate });
    if (fate !== 'lose') stored.push(id);
    if (fate === 'twice') stored.push(id);
    response.writeHead(fate === 'keep unacknowledged' ? 500 : 201).end();
  });
  const rig = await rigForThisTest();
  const settings = {
    write: { http: { url: `${server.url}/\${entry}`, method: 'PUT', insecure: false } },
    read: { http: get(server.url), ids: '$[*].id' },
  };
  await rig.sampler.start([probe('kept', 'ledger', settings, { every: 10 })]);
  await rig.until(() => rig.of('kept').length >= 25);
  await rig.sampler.stopSampling();
  const result = await rig.sampler.verify('kept');

  const idsOf = (fate: string) => answers.filter((one) => one.fate === fate).map(({ id }) => id);
  expect(result).toMatchObject({
    written: answers.length,
    acknowledged: answers.length - idsOf('keep unacknowledged').length,
    kept: idsOf('keep').length,
    lostCount: idsOf('lose').length,
    duplicatedCount: idsOf('twice').length,
    unacknowledgedPresent: idsOf('keep unacknowledged').length,
  });
  // Several are under way at once: the server may see them in another order than they were sent.
  expect(result.lost.map(({ id }) => id).sort()).toEqual(idsOf('lose').sort());
  expect(new Set(answers.map(({ id }) => id)).size).toBe(answers.length);
});
