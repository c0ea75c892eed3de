import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';
import { NameServer } from './support/name-server.ts';
import { TwoHosts } from './support/two-hosts.ts';

const scenario = ({ a }: TwoHosts, steps: string): string => `version: 1
name: Names
targets:
  a: { host: { namespace: ${a} } }
timeline:
${steps}
`;

/** Tests on a network of their own with a nameserver, so that they may run at the same time. */
const onNamedHosts = (name: string, test: (hosts: TwoHosts) => Promise<void>) =>
  it(name, { timeout: 60_000 }, async (context) => {
    needs(context, 'root', 'ip', 'nft', 'dnsmasq', 'dig');
    const hosts = new TwoHosts();
    try {
      const server = await NameServer.start(hosts);
      try {
        await test(hosts);
      } finally {
        await server.stop();
      }
    } finally {
      hosts.remove();
    }
  });

/** What `dig` on host a is told: the status, and the short answer. */
async function dig(hosts: TwoHosts, ...question: string[]): Promise<{ status: string | undefined; said: string }> {
  const argv = ['+tries=1', '+timeout=2', ...question];
  const said = await hosts.on(hosts.a, 'dig', ...argv).catch((error: { stdout: string }) => error.stdout);
  const answers = said.split('\n').filter((line) => /^[^;\s]\S*\s+\d+\s+IN\s/.test(line));
  const values = answers.map((line) => line.split(/\s+/).slice(4).join(' '));
  return { status: /status: (\w+)/.exec(said)?.[1], said: values.sort().join(', ') };
}

/** What the C library makes of it, as nearly every program does. */
const getent = (hosts: TwoHosts, name: string): Promise<string> =>
  hosts.on(hosts.a, 'getent', 'ahostsv4', name).catch(() => 'not found');

describe.concurrent('names', () => {
  onNamedHosts('that are meant are not found, others are, and afterwards all are', async (hosts) => {
    const before = await hosts.rules(hosts.a);
    const day = new GameDay(
      scenario(hosts, '  - { inject: dns-failure, target: a, with: { names: ["*.example.com"] }, for: 2500ms }'),
    );
    await day.until('injection-in-force');
    expect(await dig(hosts, 'db.EXAMPLE.com')).toEqual({ status: 'NXDOMAIN', said: '' });
    expect(await dig(hosts, 'a.b.example.com', 'AAAA', '+tcp')).toEqual({ status: 'NXDOMAIN', said: '' });
    expect(await getent(hosts, 'db.example.com')).toBe('not found');
    expect(await dig(hosts, 'example.com')).toEqual({ status: 'NOERROR', said: '10.1.1.1' });
    expect(await getent(hosts, 'other.test')).toContain('10.2.2.2');
    expect(await dig(hosts, 'other.test', '+tcp')).toEqual({ status: 'NOERROR', said: '10.2.2.2' });
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]!.effect).toMatchObject({
      seen: 'seen',
      figures: { hitQueries: expect.any(Number), queries: expect.any(Number) },
    });
    expect(await getent(hosts, 'db.example.com')).toContain('10.1.1.1');
    expect(await hosts.rules(hosts.a)).toBe(before);
    expect(day.leftovers()).toEqual([]);
  });

  onNamedHosts('get every answer untouched that no fault is meant for, small, large and odd', async (hosts) => {
    const ask = async () => ({
      txt: await dig(hosts, 'other.test', 'TXT'),
      mx: await dig(hosts, 'other.test', 'MX', '+dnssec', '+bufsize=4096'),
      large: await dig(hosts, 'large.test', 'TXT'), // cut short, then asked for again over TCP
      odd: await dig(hosts, 'other.test', 'TYPE65400', '+noedns'),
      none: await dig(hosts, 'nowhere.test'),
      chaos: await dig(hosts, 'version.bind', 'CH', 'TXT'),
      notify: await dig(hosts, '+opcode=notify', 'other.test'),
    });
    const before = await ask();
    const day = new GameDay(
      scenario(hosts, '  - { inject: dns-failure, target: a, with: { names: [db.example.com] }, for: 3s }'),
    );
    await day.until('injection-in-force');
    expect(await ask()).toEqual(before);
    expect(before.large.said).toContain('number 59 of many');
    expect(await dig(hosts, 'db.example.com')).toEqual({ status: 'NXDOMAIN', said: '' });
    await day.end();
  });

  onNamedHosts('fail as they do when the nameserver does, or are never answered', async (hosts) => {
    const day = new GameDay(
      scenario(
        hosts,
        `  - parallel:
      - { id: broken, inject: dns-failure, target: a, with: { mode: servfail, names: [broken.example.com] }, for: 6s }
      - { id: silent, inject: dns-failure, target: a, with: { mode: timeout, names: [silent.example.com] }, for: 3s }`,
      ),
    );
    await day.until('injection-in-force', ({ step }) => step === 'broken');
    await day.until('injection-in-force', ({ step }) => step === 'silent');
    expect(await dig(hosts, 'broken.example.com')).toEqual({ status: 'SERVFAIL', said: '' });
    expect(await dig(hosts, 'silent.example.com', '+timeout=1')).toEqual({ status: undefined, said: '' });
    // Lifting one leaves the other.
    await day.until('injection-undone', ({ step }) => step === 'silent');
    expect(await dig(hosts, 'silent.example.com')).toEqual({ status: 'NOERROR', said: '10.1.1.1' });
    expect(await dig(hosts, 'broken.example.com')).toEqual({ status: 'SERVFAIL', said: '' });
    expect(await day.end(), day.stderr).toBe(0);
    expect(await dig(hosts, 'broken.example.com')).toEqual({ status: 'NOERROR', said: '10.1.1.1' });
  });

  onNamedHosts('are found late, as who asks measures it, and at once when that is lifted', async (hosts) => {
    const day = new GameDay(
      scenario(hosts, '  - { inject: dns-failure, target: a, with: { mode: delay, latency: 400ms }, for: 2500ms }'),
    );
    await day.until('injection-in-force');
    const timed = async (...how: string[]) => {
      const said = await hosts.on(hosts.a, 'dig', '+tries=1', '+timeout=5', 'other.test', ...how);
      return Number(/Query time: (\d+) msec/.exec(said)![1]);
    };
    for (const ms of [await timed(), await timed('+tcp')]) {
      expect(ms).toBeGreaterThanOrEqual(399);
      expect(ms).toBeLessThan(2000);
    }
    expect(await day.end(), day.stderr).toBe(0);
    const { meanDelayMs } = day.report().injections[0]!.effect.figures as { meanDelayMs: number };
    expect(meanDelayMs).toBeGreaterThan(399);
    expect(await timed()).toBeLessThan(399);
  });

  onNamedHosts('are found where they are not, of both kinds of address', async (hosts) => {
    const wrong = 'mode: wrong-address, address: [203.0.113.7, "fd99::7"]';
    const day = new GameDay(
      scenario(hosts, `  - { inject: dns-failure, target: a, with: { ${wrong}, names: [other.test] }, for: 2s }`),
    );
    await day.until('injection-in-force');
    expect(await dig(hosts, 'other.test')).toEqual({ status: 'NOERROR', said: '203.0.113.7' });
    expect(await dig(hosts, 'other.test', 'AAAA')).toEqual({ status: 'NOERROR', said: 'fd99::7' });
    expect((await dig(hosts, 'other.test', 'MX')).said).toBe('10 mail.other.test.');
    expect(await getent(hosts, 'other.test')).toContain('203.0.113.7');
    expect(await day.end(), day.stderr).toBe(0);
    expect(await getent(hosts, 'other.test')).toContain('10.2.2.2');
  });

  onNamedHosts('are met at the nameservers that are named, over IPv6 as well, and at no other', async (hosts) => {
    const day = new GameDay(
      scenario(hosts, '  - { inject: dns-failure, target: a, with: { nameservers: ["fd99::2"] }, for: 2500ms }'),
    );
    await day.until('injection-in-force');
    for (const how of ['+notcp', '+tcp']) {
      expect(await dig(hosts, '@fd99::2', 'other.test', how)).toEqual({ status: 'NXDOMAIN', said: '' });
      expect(await dig(hosts, '@10.99.0.2', 'other.test', how)).toEqual({ status: 'NOERROR', said: '10.2.2.2' });
    }
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]!.effect.figures).toMatchObject({ queries: 2, hitQueries: 2, redirected: 2 });
    expect(await dig(hosts, '@fd99::2', 'other.test')).toEqual({ status: 'NOERROR', said: '10.2.2.2' });
  });

  onNamedHosts(
    'are met from a socket that was open before and stays open, and found from it afterwards',
    async (hosts) => {
      // Where others translate addresses, the kernel follows every flow and remembers it.
      await hosts.on(
        hosts.a,
        'nft',
        'add table ip theirs; add chain ip theirs o { type nat hook output priority -100; }',
      );
      const before = await hosts.rules(hosts.a);
      const asking = spawn('ip', ['netns', 'exec', hosts.a, process.execPath, '-e', openSocket], { stdio: 'pipe' });
      try {
        let last = '';
        asking.stdout.setEncoding('utf8').on('data', (said: string) => {
          last = said.trim().split('\n').at(-1)!;
        });
        await becomes(async () => last === '0');
        const day = new GameDay(scenario(hosts, '  - { inject: dns-failure, target: a, for: 2s }'));
        await day.until('injection-in-force');
        await becomes(async () => last === '3');
        await day.until('injection-undone');
        await becomes(async () => last === '0');
        expect(await day.end(), day.stderr).toBe(0);
        last = '';
        await becomes(async () => last === '0');
        expect(await hosts.rules(hosts.a)).toBe(before);
      } finally {
        asking.kill();
      }
    },
  );

  onNamedHosts('are found again when the runner is killed', async (hosts) => {
    const day = new GameDay(scenario(hosts, '  - { inject: dns-failure, target: a, for: 60s }'));
    await day.until('injection-in-force');
    expect(await getent(hosts, 'other.test')).toBe('not found');
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    expect(await getent(hosts, 'other.test')).toContain('10.2.2.2');
    expect(await hosts.rules(hosts.a)).toBe('');
  });

  onNamedHosts('are found again, with no pause, when runner and guardian are killed together', async (hosts) => {
    const day = new GameDay(scenario(hosts, '  - { inject: dns-failure, target: a, for: 1s }'));
    await day.until('injection-in-force');
    const guardian = await day.helper('chaos-guardian');
    process.kill(day.pid, 'SIGSTOP'); // so that it starts no other
    process.kill(guardian, 'SIGKILL');
    expect(await getent(hosts, 'other.test')).toBe('not found');
    day.signal('SIGKILL');
    // The redirection stands yet, but the resolver hands everything on.
    await becomes(async () => (await getent(hosts, 'other.test')).includes('10.2.2.2'));
    expect(await hosts.rules(hosts.a)).toContain('redirect');
    await delay(11_500);
    expect(await getent(hosts, 'other.test')).toContain('10.2.2.2');
    await becomes(async () => !day.leftovers().some((one) => one.startsWith('process')));
  });

  onNamedHosts('are found again when the resolver dies, which ends the run', async (hosts) => {
    const day = new GameDay(scenario(hosts, '  - { inject: dns-failure, target: a, for: 60s }'));
    await day.until('injection-in-force');
    process.kill(await day.helper('chaos-resolver'), 'SIGKILL');
    expect(await day.end()).toBe(4);
    expect(day.stderr).toContain('the resolver was ended by SIGKILL');
    expect(day.leftovers()).toEqual([]);
    expect(await getent(hosts, 'other.test')).toContain('10.2.2.2');
  });

  onNamedHosts('that nobody looked up prove nothing', async (hosts) => {
    const day = new GameDay(scenario(hosts, '  - { inject: dns-failure, target: a, for: 200ms }'));
    expect(await day.end(), day.stderr).toBe(4);
    expect(day.report().reasons.join()).toContain('nothing was looked up while it was in force');
  });
});

/** Asks for the address of other.test again and again from one socket, and prints the code of each answer. */
const openSocket = `
  const socket = require('node:dgram').createSocket('udp4');
  const question = Buffer.from('000101000001000000000000056f7468657204746573740000010001', 'hex');
  socket.on('message', (answer) => console.log(answer[3] & 15)).on('error', () => {});
  socket.connect(53, '10.99.0.2', () => setInterval(() => socket.send(question), 50));`;

/** A service that keeps looking two names up, in both ways that Node knows, and prints what it finds. */
const asker = `
  const dns = require('node:dns');
  const look = (how, name) => dns.promises[how](name, how === 'lookup' ? 4 : {}).then((found) => [found].flat()[0].address ?? [found].flat()[0], ({ code }) => code);
  const again = async () => {
    const all = [['lookup', 'other.test'], ['resolve4', 'other.test'], ['lookup', 'db.example.com']].map((one) => look(...one));
    console.log((await Promise.all(all)).join(' '));
    setTimeout(again, 50);
  };
  again();`;

const serviceScenario = (steps: string): string => `version: 1
name: Names of a service
targets:
  machine: { host: local }
  asker:
    process:
      command: ['${process.execPath}', -e, ${JSON.stringify(asker)}]
      restart: { delay: 100ms }
timeline:
${steps}
`;

/** \`chaos\` itself on host a, so that what the service asks goes to the nameserver of the test. */
const onHostA = ({ a }: TwoHosts, steps: string): GameDay =>
  new GameDay(serviceScenario(steps), { within: ['ip', 'netns', 'exec', a] });

/** Waits until what the service finds is this. */
async function finds(day: GameDay, wanted: string): Promise<void> {
  const log = join(day.output, 'logs', 'asker.log');
  const last = () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').at(-1) : undefined);
  await becomes(async () => last()?.trim() === wanted).catch(() => expect(last()).toBe(wanted));
}

const allFound = '10.2.2.2 10.2.2.2 10.1.1.1';

describe.concurrent('names that a service looks up', () => {
  onNamedHosts('fail for it alone, also after it was started again, and are found afterwards', async (hosts) => {
    const before = readFileSync('/etc/resolv.conf', 'utf8');
    const day = onHostA(
      hosts,
      `  - { id: before, pause: 2s }
  - { id: gone, inject: dns-failure, target: asker, with: { names: [other.test] }, for: 6s }
  - { id: after, pause: 2s }`,
    );
    await day.until('step-started', ({ step }) => step === 'before');
    await finds(day, allFound);
    await day.until('injection-in-force');
    await finds(day, 'ENOTFOUND ENOTFOUND 10.1.1.1');
    expect(await getent(hosts, 'other.test')).toContain('10.2.2.2');
    const { pid } = day
      .events()
      .filter((event) => event.type === 'target-started')
      .findLast(({ target }) => target === 'asker')!;
    process.kill(pid!, 'SIGKILL');
    await day.until('target-started', ({ target, generation }) => target === 'asker' && generation === 2);
    await finds(day, 'ENOTFOUND ENOTFOUND 10.1.1.1');
    await day.until('injection-undone');
    await finds(day, allFound);
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.leftovers()).toEqual([]);
    expect(readFileSync('/etc/resolv.conf', 'utf8')).toBe(before);
  });

  onNamedHosts('meet the faults of the host they are on as well', async (hosts) => {
    const day = onHostA(
      hosts,
      `  - parallel:
      - { id: own, inject: dns-failure, target: asker, with: { names: [other.test] }, for: 3s }
      - { id: everybody, inject: dns-failure, target: machine, with: { mode: servfail, names: [db.example.com] }, for: 4s }`,
    );
    await day.until('injection-in-force', ({ step }) => step === 'own');
    await day.until('injection-in-force', ({ step }) => step === 'everybody');
    await finds(day, 'ENOTFOUND ENOTFOUND EAI_AGAIN');
    expect(await dig(hosts, 'db.example.com')).toMatchObject({ status: 'SERVFAIL' });
    expect(await dig(hosts, 'other.test')).toMatchObject({ status: 'NOERROR' });
    expect(await day.end(), day.stderr).toBe(0);
  });

  onNamedHosts('are of no concern any more when the runner is killed: nothing of it is left', async (hosts) => {
    const day = onHostA(hosts, '  - { inject: dns-failure, target: asker, with: { mode: timeout }, for: 60s }');
    await day.until('injection-in-force');
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    expect(await getent(hosts, 'other.test')).toContain('10.2.2.2');
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('resolv-');
  });
});

/** @throws when it does not within ten seconds */
async function becomes(check: () => Promise<boolean>): Promise<void> {
  for (const untilMs = performance.now() + 10_000; !(await check()); await delay(20))
    if (performance.now() > untilMs) throw new Error('it did not');
}
