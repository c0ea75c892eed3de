import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dial, portOf, read, serve } from './support/rig.ts';
import { ProxyServer } from './support/toxiproxy.ts';

/* What Toxiproxy's API answers, word for word where clients look at words. */

let server: ProxyServer;
let echo: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  server = await ProxyServer.start();
  echo = await serve((socket) => void socket.pipe(socket));
});
afterAll(async () => {
  await server.end();
  await echo.close();
});

const upstream = () => `127.0.0.1:${echo.port}`;
let made = 0;
/** A proxy of its own for each test. */
async function proxy(more: object = {}): Promise<{ name: string; listen: string }> {
  const name = `proxy ${++made}`;
  const { status, body } = await server.ask('POST', '/proxies', { name, upstream: upstream(), ...more });
  expect(status).toBe(201);
  return body as { name: string; listen: string };
}
const at = ({ name }: { name: string }, more = ''): string => `/proxies/${encodeURIComponent(name)}${more}`;
const refused = (status: number, error: unknown) => ({ status, body: { error, status } });

describe('proxies', () => {
  it('are created, listed, shown and removed', async () => {
    const created = await proxy({ listen: 'localhost:0' });
    const expected = { upstream: upstream(), enabled: true, toxics: [], name: created.name, listen: created.listen };
    expect(created).toEqual(expected);
    expect(created.listen).toMatch(/^127\.0\.0\.1:[1-9]/);
    expect((await server.ask('GET', '/proxies')).body).toMatchObject({ [created.name]: expected });
    expect(await server.ask('GET', at(created))).toMatchObject({ status: 200, body: expected });
    expect(await server.ask('DELETE', at(created))).toMatchObject({ status: 204, body: '' });
    for (const method of ['GET', 'DELETE', 'PATCH'])
      expect(await server.ask(method, at(created), method === 'PATCH' ? {} : undefined)).toMatchObject(
        refused(404, 'proxy not found'),
      );
  });

  it('that are not enabled stay as they were written, until they are', async () => {
    const off = await proxy({ listen: 'localhost:0', enabled: false });
    expect(off).toMatchObject({ listen: 'localhost:0', enabled: false });
    const { body: on } = await server.ask('PATCH', at(off), { enabled: true });
    expect(on).toMatchObject({ enabled: true });
    (await dial(portOf((on as typeof off).listen))).destroy();
    // As older clients do it.
    const { body: again } = await server.ask('POST', at(off), { enabled: false });
    expect(again).toMatchObject({ enabled: false });
    await expect(dial(portOf((on as typeof off).listen))).rejects.toThrow('ECONNREFUSED');
  });

  it('that cannot be made are told why, and do not exist', async () => {
    const existing = await proxy();
    const wrong: [unknown, number, unknown][] = [
      [{ name: existing.name, upstream: upstream() }, 409, 'proxy already exists'],
      [{}, 400, 'missing required field: name'],
      [{ name: '', upstream: upstream() }, 400, 'missing required field: name'],
      [{ name: 'x' }, 400, 'missing required field: upstream'],
      [
        { name: 'x', upstream: upstream(), listen: existing.listen },
        500,
        `listen tcp ${existing.listen}: bind: address already in use`,
      ],
      [{ name: 'x', upstream: upstream(), listen: '192.0.2.1:1' }, 500, expect.stringContaining('bind: cannot assign')],
      [
        { name: 'x', upstream: upstream(), listen: 'local373' },
        500,
        'listen tcp: address local373: missing port in address',
      ],
      [{ name: 'x', upstream: upstream(), listen: 'a:99999' }, 500, 'listen tcp: address 99999: invalid port'],
      [{ name: 'x', upstream: 'nowhere' }, 400, 'bad request body: upstream is "nowhere", expected host:port'],
      [{ name: 7, upstream: upstream() }, 400, 'bad request body: name is 7, expected a text'],
      [{ name: 'x', upstream: upstream(), enabled: 'no' }, 400, expect.stringMatching(/^bad request body: enabled/)],
      ['{', 400, expect.stringMatching(/^bad request body: /)],
      ['', 400, expect.stringMatching(/^bad request body: /)],
      ['[]', 400, expect.stringMatching(/^bad request body: /)],
      ['x'.repeat(1_048_577), 413, expect.stringContaining('1048576 bytes')],
    ];
    for (const [body, status, error] of wrong)
      expect(await server.ask('POST', '/proxies', body), JSON.stringify(body).slice(0, 80)).toMatchObject(
        refused(status, error),
      );
    expect(await server.ask('GET', '/proxies/x')).toMatchObject(refused(404, 'proxy not found'));
  });

  it('are read as Go reads JSON: keys in any case, unknown ones and null passed over', async () => {
    const body = { Name: 'as Go reads', UPSTREAM: upstream(), listen: null, enabled: null, colour: 'green' };
    expect(await server.ask('POST', '/proxies', body)).toMatchObject({ status: 201, body: { enabled: true } });
  });

  it('have names that are data', async () => {
    for (const name of ['__proto__', 'constructor', 'a/b', '<b>', 'é ü', '%2F']) {
      expect((await server.ask('POST', '/proxies', { name, upstream: upstream() })).status).toBe(201);
      expect(await server.ask('GET', at({ name }))).toMatchObject({ status: 200, body: { name } });
      const { body } = await server.ask('GET', '/proxies');
      expect(Object.keys(body as object)).toContain(name);
      expect((await server.ask('DELETE', at({ name }))).status).toBe(204);
    }
  });
});

describe('populate', () => {
  it('makes proxies, leaves those that are right alone, and replaces the others', async () => {
    const one = { name: 'populated one', listen: '127.0.0.1:0', upstream: upstream() };
    const first = await server.ask('POST', '/populate', [one, { ...one, name: 'populated two', enabled: false }]);
    expect(first).toMatchObject({
      status: 201,
      body: { proxies: [{ name: 'populated one', enabled: true }, { enabled: false }] },
    });
    const [{ listen }] = (first.body as { proxies: [{ listen: string }] }).proxies;
    await server.ask('POST', at(one, '/toxics'), { type: 'latency' });
    const same = await server.ask('POST', '/populate', [{ ...one, listen: listen.replace('127.0.0.1', 'localhost') }]);
    expect(same).toMatchObject({ status: 201, body: { proxies: [{ listen, toxics: [{ type: 'latency' }] }] } });
    const other = await server.ask('POST', '/populate', [{ ...one, listen, upstream: '127.0.0.1:1' }]);
    expect(other).toMatchObject({ status: 201, body: { proxies: [{ listen, upstream: '127.0.0.1:1', toxics: [] }] } });
  });

  it('makes none when one lacks something, and stops at the first that cannot be', async () => {
    const good = { name: 'before', upstream: upstream() };
    expect(await server.ask('POST', '/populate', [good, { name: '' }])).toMatchObject({
      status: 400,
      body: { error: 'missing required field: name at proxy 2', status: 400 },
    });
    expect((await server.ask('GET', at(good))).status).toBe(404);
    const bad = { name: 'wrong', listen: 'local373', upstream: upstream() };
    expect(await server.ask('POST', '/populate', [good, bad, { ...good, name: 'behind' }])).toMatchObject({
      status: 500,
      body: { status: 500, proxies: [{ name: 'before' }] },
    });
    const { body } = await server.ask('GET', '/proxies');
    expect(Object.keys(body as object)).toContain('before');
    for (const name of ['wrong', 'behind']) expect(Object.keys(body as object)).not.toContain(name);
  });
});

describe('toxics', () => {
  const all: [string, Record<string, number>][] = [
    ['latency', { latency: 0, jitter: 0 }],
    ['bandwidth', { rate: 0 }],
    ['slow_close', { delay: 0 }],
    ['timeout', { timeout: 0 }],
    ['reset_peer', { timeout: 0 }],
    ['slicer', { average_size: 0, size_variation: 0, delay: 0 }],
    ['limit_data', { bytes: 0 }],
    ['noop', {}],
  ];
  for (const [type, attributes] of all)
    it(`of type ${type} have defaults, are changed in part, and removed`, async () => {
      const on = await proxy();
      const name = `${type}_downstream`;
      const expected = { attributes, name, type, stream: 'downstream', toxicity: 1 };
      expect(await server.ask('POST', at(on, '/toxics'), { type })).toMatchObject({ status: 200, body: expected });
      const [first] = Object.keys(attributes);
      const changed = { ...expected, attributes: { ...attributes, ...(first ? { [first]: 7 } : {}) }, toxicity: 0.5 };
      const change = { attributes: changed.attributes, toxicity: 0.5 };
      for (const method of ['POST', 'PATCH'])
        expect(await server.ask(method, at(on, `/toxics/${name}`), change)).toMatchObject({
          status: 200,
          body: changed,
        });
      expect((await server.ask('PATCH', at(on, `/toxics/${name}`), {})).body).toEqual(changed);
      expect((await server.ask('GET', at(on, `/toxics/${name}`))).body).toEqual(changed);
      expect((await server.ask('GET', at(on, '/toxics'))).body).toEqual([changed]);
      expect((await server.ask('DELETE', at(on, `/toxics/${name}`))).status).toBe(204);
      expect((await server.ask('GET', at(on, '/toxics'))).body).toEqual([]);
    });

  it('may be a thousand, through which bytes pass, and no more', async () => {
    const on = await proxy();
    const add = (number: number) =>
      server.ask('POST', at(on, '/toxics'), { name: `${number}`, type: 'bandwidth', attributes: { rate: 1e9 } });
    for (let number = 0; number < 1000; number += 1) expect((await add(number)).status).toBe(200);
    expect(await add(1000)).toMatchObject(refused(400, 'too many toxics: a proxy takes no more than 1000'));
    const client = await dial(portOf(on.listen));
    client.write('through all of them');
    expect(String(await read(client, 19))).toBe('through all of them');
    client.destroy();
  });

  it('that cannot be are told why', async () => {
    const on = await proxy();
    await server.ask('POST', at(on, '/toxics'), { name: 'taken', type: 'latency' });
    const wrong: [string, string, unknown, number, unknown][] = [
      ['POST', '/toxics', { name: 'taken', type: 'bandwidth', stream: 'upstream' }, 409, 'toxic already exists'],
      ['POST', '/toxics', { type: 'down' }, 400, 'invalid toxic type'],
      ['POST', '/toxics', {}, 400, 'invalid toxic type'],
      [
        'POST',
        '/toxics',
        { type: 'latency', stream: 'sideways' },
        400,
        'stream was invalid, can be either upstream or downstream',
      ],
      [
        'POST',
        '/toxics',
        { type: 'latency', attributes: { latency: 'long' } },
        400,
        expect.stringContaining('latency'),
      ],
      ['POST', '/toxics', { type: 'latency', attributes: { latency: 1.5 } }, 400, expect.stringContaining('latency')],
      ['POST', '/toxics', { type: 'latency', attributes: { latency: 1e300 } }, 400, expect.stringContaining('64 bits')],
      ['POST', '/toxics', { type: 'latency', attributes: { latency: -1e19 } }, 400, expect.stringContaining('64 bits')],
      ['POST', '/toxics', { type: 'latency', toxicity: 'all' }, 400, expect.stringContaining('toxicity')],
      ['POST', '/toxics', { type: 'latency', toxicity: '0.5' }, 400, expect.stringContaining('toxicity')],
      ['POST', '/toxics', { type: 'latency', toxicity: true }, 400, expect.stringContaining('toxicity')],
      ['POST', '/toxics', { type: 'latency', toxicity: [1] }, 400, expect.stringContaining('toxicity')],
      ['POST', '/toxics', { type: 'latency', toxicity: 1e300 }, 400, expect.stringContaining('32 bits')],
      ['POST', '/toxics', '{"type": "latency", "toxicity": 1e999}', 400, expect.stringContaining('32 bits')],
      ['GET', '/toxics/none', undefined, 404, 'toxic not found'],
      ['PATCH', '/toxics/none', '{', 404, 'toxic not found'],
      ['DELETE', '/toxics/none', undefined, 404, 'toxic not found'],
      ['PATCH', '/toxics/taken', '{', 400, expect.stringMatching(/^bad request body: /)],
    ];
    for (const [method, path, body, status, error] of wrong)
      expect(await server.ask(method, at(on, path), body), JSON.stringify(body)).toMatchObject(refused(status, error));
    expect(await server.ask('POST', '/proxies/none/toxics', { type: 'latency' })).toMatchObject(
      refused(404, 'proxy not found'),
    );
  });

  it('take their direction in any case, and have it in their name as it was written', async () => {
    const on = await proxy();
    for (const stream of ['UPSTREAM', 'Downstream'])
      expect((await server.ask('POST', at(on, '/toxics'), { type: 'latency', stream })).body).toMatchObject({
        name: `latency_${stream}`,
        stream: stream.toLowerCase(),
      });
  });

  it('stay as they were when a part of a change cannot be', async () => {
    const on = await proxy();
    const { body: before } = await server.ask('POST', at(on, '/toxics'), { type: 'latency' });
    const change = { toxicity: 0.5, attributes: { jitter: 9, latency: 'long' } };
    expect((await server.ask('PATCH', at(on, '/toxics/latency_downstream'), change)).status).toBe(400);
    expect((await server.ask('GET', at(on, '/toxics/latency_downstream'))).body).toEqual(before);
  });

  it('of senseless numbers do something that makes sense', async () => {
    const on = await proxy();
    for (const [type, attributes] of all)
      for (const number of [-1, 9_007_199_254_740_991, 2 ** 63]) {
        const values = Object.fromEntries(Object.keys(attributes).map((key) => [key, number]));
        const body = { type, attributes: values, toxicity: 1 };
        expect((await server.ask('POST', at(on, '/toxics'), body)).status, JSON.stringify(body)).toBe(200);
        await server.ask('DELETE', at(on, `/toxics/${type}_downstream`));
      }
  });

  it('take a toxicity beyond 0 and 1, and the largest numbers of 64 bits, as Toxiproxy does', async () => {
    const on = await proxy();
    for (const toxicity of [7, -1])
      expect(
        await server.ask('POST', at(on, '/toxics'), { name: `${toxicity}`, type: 'noop', toxicity }),
      ).toMatchObject({
        status: 200,
        body: { toxicity },
      });
    const text = '{"type": "limit_data", "attributes": {"bytes": 9223372036854775807}}';
    const { body } = await server.ask('POST', at(on, '/toxics'), text);
    const { bytes } = (body as { attributes: { bytes: number } }).attributes;
    expect(BigInt(JSON.stringify(bytes))).toBeLessThan(2n ** 63n);
    expect(bytes).toBeGreaterThan(9.22e18);
  });

  it('are listed by direction, each in the order in which they came', async () => {
    const on = await proxy();
    for (const [name, stream] of ['d1 downstream', 'u1 upstream', 'd2 downstream'].map((one) => one.split(' ')))
      await server.ask('POST', at(on, '/toxics'), { name, stream, type: 'noop' });
    const { body } = await server.ask('GET', at(on, '/toxics'));
    expect((body as { name: string }[]).map(({ name }) => name)).toEqual(['u1', 'd1', 'd2']);
  });
});

describe('the server', () => {
  it('resets: every proxy is enabled, no toxic left', async () => {
    const own = await ProxyServer.start();
    const { name } = (await own.ask('POST', '/proxies', { name: 'one', upstream: upstream(), enabled: false }))
      .body as {
      name: string;
    };
    await own.ask('POST', `/proxies/${name}/toxics`, { type: 'latency' });
    expect((await own.ask('POST', '/reset')).status).toBe(204);
    expect((await own.ask('GET', `/proxies/${name}`)).body).toMatchObject({ enabled: true, toxics: [] });
    await own.end();
  });

  it('tells its version, and numbers its answers', async () => {
    const { body, headers } = await server.ask('GET', '/version');
    expect(body).toMatchObject({ version: expect.stringMatching(/^2\./), chaos: expect.stringMatching(/^[0-9]/) });
    expect(headers['x-toxiproxy-request-id']).toMatch(/./);
  });

  it('tells Prometheus how many bytes went through which proxy', async () => {
    const on = await proxy();
    const client = await dial(portOf(on.listen));
    client.write('12345');
    await new Promise((resolve) => client.once('data', resolve));
    const { body, headers } = await server.ask('GET', '/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    const labels = `proxy="${on.name}",listener="${on.listen}",upstream="${upstream()}"`;
    expect(body).toContain(`toxiproxy_proxy_received_bytes_total{direction="upstream",${labels}} 5\n`);
    expect(body).toContain(`toxiproxy_proxy_sent_bytes_total{direction="downstream",${labels}} 5\n`);
    expect(body).toContain(`chaos_proxy_connections_total{${labels}} 1\n`);
    expect(body).toContain(`chaos_proxy_open_connections{${labels}} 1\n`);
    client.destroy();
  });

  it('knows no other paths and methods', async () => {
    for (const path of ['/', '/nothing', '/proxies/', '/proxies/a/toxics/b/c', '//proxies'])
      expect((await server.ask('GET', path)).status, path).toBe(404);
    for (const [method, path] of [
      ['PUT', '/proxies'],
      ['HEAD', '/proxies'],
      ['GET', '/populate'],
      ['GET', '/reset'],
      ['POST', '/version'],
      ['POST', '/metrics'],
    ] as const)
      expect((await server.ask(method, path)).status, `${method} ${path}`).toBe(405);
  });

  it('obeys no web page', async () => {
    const forbidden: Record<string, string>[] = [
      { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' },
      { origin: 'http://127.0.0.1:8474' },
      { origin: 'null' },
      { host: 'rebound.example' },
      { host: 'localhost.example:8474' },
      { host: ':8474' },
    ];
    for (const headers of forbidden)
      expect(await server.ask('POST', '/reset', undefined, headers), JSON.stringify(headers)).toMatchObject(
        refused(403, expect.any(String)),
      );
    for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1', '[::1]:8474'])
      expect((await server.ask('GET', '/version', undefined, { host })).status, host).toBe(200);
    const named = await ProxyServer.start('--allow-host', 'toxiproxy');
    expect((await named.ask('GET', '/version', undefined, { host: 'toxiproxy:8474' })).status).toBe(200);
    await named.end();
  });
});
