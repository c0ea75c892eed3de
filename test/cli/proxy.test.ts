import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dial, portOf, serve } from '../proxy/support/rig.ts';
import { ProxyServer, toxic } from '../proxy/support/toxiproxy.ts';
import { becomes } from '../support/becomes.ts';
import { chaos } from '../support/chaos.ts';

let folder: string;
let echo: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chaos-proxy-'));
  echo = await serve((socket) => void socket.pipe(socket));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await echo.close();
});

function config(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('a config', () => {
  it("in Toxiproxy's JSON says which proxies there are", async () => {
    const proxies = [
      { name: 'web', listen: '127.0.0.1:0', upstream: `127.0.0.1:${echo.port}`, enabled: true },
      { name: 'off', listen: '[::]:26379', upstream: 'redis:6379', enabled: false },
    ];
    const server = await ProxyServer.start('--config', config('toxiproxy.json', JSON.stringify(proxies)));
    expect(server.said).toMatch(
      /^Toxiproxy's API is served on http:\/\/127\.0\.0\.1:\d+ \(seed 1\); Ctrl-C ends it\.\n {2}off: disabled to redis:6379\n {2}web: 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+\n$/,
    );
    const { web, off } = await server.client.getAll();
    (await dial(portOf(web!.listen))).destroy();
    expect(off).toMatchObject({ enabled: false, listen: '[::]:26379' });
    await server.end();
  });

  it("in Toxiproxy's JSON is read as Toxiproxy reads it, whatever the file is called", async () => {
    const upstream = `127.0.0.1:${echo.port}`;
    const text = `[
\t{"Name": "web", "Listen": null, "UPSTREAM": "${upstream}", "enabled": null, "comment": {"__proto__": [1.5e400]}},
\t{"name": "twin", "upstream": "first:1", "__proto__": {"enabled": true}, "enabled": false},
\t{"name": "twin", "upstream": "last:1", "upstream": "last:2", "listen": "", "enabled": false, "toxics": null}
]`;
    for (const name of ['as-toxiproxy.json', 'as-toxiproxy']) {
      const server = await ProxyServer.start('--config', config(name, text));
      const { body } = await server.ask('GET', '/proxies');
      expect(body).toEqual({
        web: { name: 'web', listen: expect.stringMatching(/^127\.0\.0\.1:\d+$/), upstream, enabled: true, toxics: [] },
        twin: { name: 'twin', listen: '', upstream: 'last:2', enabled: false, toxics: [] },
      });
      await server.end();
    }
  });

  const refusedByToxiproxy: [string, string, string[]][] = [
    [
      'what it could not use',
      '[\n  {"Name": 7, "UpStream": "b:1", "Enabled": "no"},\n  null,\n  {"name": "", "upstream": "nowhere"}\n]',
      [
        ':2:12  expected a text, found 7',
        ':2:45  expected true or false, found the text "no"',
        ':3:3  expected keys and values, found nothing',
        ':4:3  a proxy needs "name"',
        ':4:28  "nowhere" is no address',
      ],
    ],
    ['a torn file', '[\n  {"name": "a",\n   "upstream": "b:1"', [':3:21  this is broken JSON: expected "," or "}"']],
    ['a comma too many', '[{"name": "a", "upstream": "b:1"},]', [':1:35  this is broken JSON: expected a value']],
    [
      'keys without quotes',
      '[{name: "a", "upstream": "b:1"}]',
      [':1:3  this is broken JSON: expected a key in quotes'],
    ],
    ['a text without an end', '[{"name": "a]', [":1:11  this is broken JSON: the text that '\"' began is not closed"]],
    ['more behind the list', '[]\n[]', [':2:1  this is broken JSON: nothing may stand behind its end']],
    ['YAML', 'proxies:\n  - { name: a, upstream: "b:1" }\n', [':1:1  this is broken JSON: expected a value']],
    ['nothing', ' \n', [':1:1  the file is empty']],
  ];
  it.for(refusedByToxiproxy)('called .json that holds %s is refused at its place', async ([name, text, expected]) => {
    const file = config(`${name}.json`, text);
    const { exitCode, stdout, stderr } = await chaos(['proxy', '-l', '127.0.0.1:0', '-c', file]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    for (const words of expected) expect(stderr).toContain(words);
  });

  it('of our own in JSON is as strict as in YAML', async () => {
    const file = config('ours.json', '{"proxies": [{"Name": "a", "upstream": "b:1"}]}');
    const { exitCode, stderr } = await chaos(['proxy', '-l', '127.0.0.1:0', '-c', file]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(':1:15  unknown key "Name" in a proxy');
    expect(stderr).toContain('did you mean "name"?');
  });

  it('in YAML may hold toxics, too', async () => {
    const text = `
proxies:
  - name: db
    upstream: 127.0.0.1:${echo.port}
    toxics:
      - { type: latency, attributes: { latency: 300 } }
      - { name: short, type: limit_data, stream: upstream, toxicity: 0.5, attributes: { bytes: 10 } }
`;
    const server = await ProxyServer.start('--config', config('toxics.yaml', text));
    expect(server.said).toContain(`to 127.0.0.1:${echo.port}, with short, latency_downstream\n`);
    const { body } = await server.ask('GET', '/proxies/db/toxics');
    expect(body).toEqual([
      { name: 'short', type: 'limit_data', stream: 'upstream', toxicity: 0.5, attributes: { bytes: 10 } },
      {
        name: 'latency_downstream',
        type: 'latency',
        stream: 'downstream',
        toxicity: 1,
        attributes: { latency: 300, jitter: 0 },
      },
    ]);
    await server.end();
  });

  const wrong: [string, string, string[]][] = [
    [
      'with words that mean nothing',
      `proxies:
  - name: db
    upstream: nowhere
    toxics:
      - type: latncy
      - { type: slicer, attributes: { average_size: -1, bytes: 4 } }
`,
      [
        ':3:15  "nowhere" is no address',
        ':5:15  "latncy" is none of the words that can stand here',
        'did you mean "latency"?',
        ':6:53  -1 is out of bounds',
        ':6:57  unknown key "bytes" in "attributes"',
      ],
    ],
    [
      'with one name twice',
      `proxies:
  - { name: a, upstream: "b:1", toxics: [{ type: noop }, { type: noop }] }
  - { name: a, upstream: "b:1" }
`,
      [':2:58  another toxic of this proxy is called "noop_downstream" already', ':3:13  another proxy is called "a"'],
    ],
    [
      'that cannot listen where it says',
      'proxies:\n  - { name: a, listen: "192.0.2.1:7", upstream: "b:1" }\n',
      [':2:24  listen tcp 192.0.2.1:7: bind: cannot assign requested address'],
    ],
    ['with something else in it', 'web: {}', [':1:1  unknown key "web" in a config']],
    ['that is empty', '', [':1:1  the file is empty']],
    ['that is torn', '{"proxies": [', [':1:']],
  ];
  it.for(wrong)('%s is refused at its place', async ([name, text, expected], { expect }) => {
    const file = config(`${name}.yaml`, text);
    const { exitCode, stdout, stderr } = await chaos(['proxy', '-l', '127.0.0.1:0', '-c', file]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    for (const words of expected) expect(stderr).toContain(words);
  });

  it('that is not there is said to be missing', async () => {
    const answer = await chaos(['proxy', '--config', join(folder, 'nope.yaml')]);
    expect(answer).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('there is no such file') });
  });
});

describe('the server', () => {
  it('says why it cannot listen', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    expect(await chaos(['proxy', '--listen', `127.0.0.1:${port}`])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `chaos proxy: cannot listen on 127.0.0.1:${port}: another process uses that port already (EADDRINUSE)\n`,
    });
    other.close();
  });

  it('lets what waits in toxics go on first when it is ended, also where another loses what it gets', async () => {
    const greeter = await serve((socket) => socket.write('hello'));
    const server = await ProxyServer.start();
    const { proxy, port } = await server.proxy('late', greeter.port);
    await proxy.addToxic(toxic('timeout', { timeout: 0 }, { stream: 'upstream' }));
    await proxy.addToxic(toxic('latency', { latency: 3_600_000, jitter: 0 }));
    const client = await dial(port);
    client.write('lost');
    await expect
      .poll(async () => (await server.ask('GET', '/metrics')).body, { timeout: 10_000 })
      .toMatch(/received_bytes_total\{[^}]*downstream[^}]*\} 5$/m);
    const heard = text(client);
    expect(await server.end('SIGTERM')).toBe(0);
    expect(await heard).toBe('hello');
    await greeter.close();
  });

  for (const [signal, how] of [
    ['SIGTERM', 0],
    ['SIGINT', 0],
    ['SIGHUP', 0],
    ['SIGKILL', 'SIGKILL'],
  ] as const)
    it(`leaves no process and no port behind at ${signal}, whatever flows`, async () => {
      const server = await ProxyServer.start();
      const { proxy, port } = await server.proxy('busy', echo.port);
      await proxy.addToxic({
        name: '',
        type: 'latency',
        stream: 'upstream',
        toxicity: 1,
        attributes: { latency: 3_600_000, jitter: 0 },
      });
      const client = await dial(port);
      const closed = new Promise((resolve) => client.once('close', resolve));
      client.resume().write(Buffer.alloc(1_000_000));
      const children = () => readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ');
      const helpers = children().filter((pid) => pid !== '');
      expect(await server.end(signal)).toBe(how);
      client.end();
      await closed;
      await expect(dial(port)).rejects.toThrow('ECONNREFUSED');
      await becomes(() => helpers.every((pid) => !readdirSync('/proc').includes(pid)));
    });
});
