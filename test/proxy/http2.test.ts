import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerDelayOf, answerRateOf, failureOf } from './support/http.ts';
import { delayOf, dial, fate, type Rig, read, serve, startRig } from './support/rig.ts';

let rig: Rig;
/** Sends back what it gets, with trailers, unless its path says otherwise. */
const server = createServer();
let serverPort = 0;
let served: string[] = [];
const large = randomBytes(5_000_000);

beforeAll(async () => {
  rig = await startRig();
  server.on('stream', (stream, headers) => {
    const path = headers[':path']!;
    served.push(path);
    stream.on('error', () => {});
    if (path === '/large') stream.end(large);
    else if (path === '/reset') stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    else if (path === '/breaks') {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.write(large.subarray(0, 100_000), () => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM));
    } else if (path === '/empty') stream.respond({ ':status': 204 }, { endStream: true });
    else if (path === '/never') stream.respond({ ':status': 200 });
    else {
      stream.respond(
        { ':status': 200, 'x-asked': JSON.stringify(headers), 'set-cookie': ['a=1', 'b=2'] },
        {
          waitForTrailers: true,
        },
      );
      let trailers: IncomingHttpHeaders = {};
      stream.on('trailers', (came) => {
        trailers = came;
      });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-end': 'yes', 'x-got': trailers['x-sent'] ?? 'none' }));
      stream.pipe(stream);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  serverPort = (server.address() as { port: number }).port;
});
afterAll(async () => {
  await rig.stop();
  server.close();
});

const sessions: ClientHttp2Session[] = [];
afterAll(() => {
  for (const session of sessions) session.destroy();
});

async function open(name: string): Promise<ClientHttp2Session> {
  const port = await rig.link(name, serverPort, 'http2');
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => {});
  sessions.push(session);
  return session;
}

interface Answer {
  headers: IncomingHttpHeaders & IncomingHttpStatusHeader;
  trailers: IncomingHttpHeaders;
  body: Buffer;
  code: number | undefined;
}

/** Asks and hears the answer, however it ends. */
function ask(
  session: ClientHttp2Session,
  path: string,
  body?: Buffer,
  trailers?: Record<string, string>,
): Promise<Answer> {
  const answer: Answer = { headers: {}, trailers: {}, body: Buffer.alloc(0), code: undefined };
  const stream = session.request(
    { ':path': path, ':method': body ? 'POST' : 'GET', 'x-tenant': 'acme' },
    { endStream: !body, waitForTrailers: trailers !== undefined },
  );
  const parts: Buffer[] = [];
  stream.on('error', () => {});
  stream.on('response', (headers) => {
    answer.headers = headers;
  });
  stream.on('trailers', (came) => {
    answer.trailers = came;
  });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers!));
  stream.on('data', (part: Buffer) => parts.push(part));
  if (body) stream.end(body);
  return new Promise((resolve) => {
    stream.on('close', () => resolve({ ...answer, body: Buffer.concat(parts), code: stream.rstCode }));
  });
}

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('with nothing injected, heads, bodies, trailers and resets pass as they are', async () => {
  const session = await open('plain');
  const direct = connect(`http://127.0.0.1:${serverPort}`);
  sessions.push(direct);
  const [through, without] = await Promise.all(
    [session, direct].map((one) => ask(one, '/echo', large, { 'x-sent': 'x' })),
  );
  expect(hash(through!.body)).toBe(hash(large));
  expect(through!.trailers).toEqual({ ...without!.trailers, 'x-end': 'yes', 'x-got': 'x' });
  const { 'x-asked': asked, date: _, ...headers } = through!.headers;
  const { 'x-asked': askedDirectly, date: __, ...headersDirectly } = without!.headers;
  expect(headers).toEqual(headersDirectly);
  expect({ ...JSON.parse(String(asked)), ':authority': '' }).toEqual({
    ...JSON.parse(String(askedDirectly)),
    ':authority': '',
  });
  expect(await ask(session, '/empty')).toMatchObject({ headers: { ':status': 204 }, code: 0 });
  expect((await ask(session, '/reset')).code).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  expect(await ask(session, '/breaks')).toMatchObject({
    headers: { ':status': 200 },
    code: constants.NGHTTP2_ENHANCE_YOUR_CALM,
  });
  expect(hash((await ask(session, '/large')).body)).toBe(hash(large));
});

test('a hundred streams at once come whole, and a reader that is slow holds up no other', async () => {
  const session = await open('many');
  const slow = session.request({ ':path': '/large' });
  slow.on('error', () => {});
  await once(slow, 'response');
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => ask(session, `/${index}`, Buffer.alloc(20_000, index))),
  );
  for (const [index, { body }] of answers.entries()) expect(body.equals(Buffer.alloc(20_000, index))).toBe(true);
  slow.close(constants.NGHTTP2_CANCEL);
});

test('streams that match fail with a status, the server sees nothing of them, and the others go on', async () => {
  const session = await open('fails');
  await rig.control.add('fails', failureOf('some', { path: '/fails', headers: { 'Retry-After': '2' }, status: 429 }));
  served = [];
  const [failed, passed] = await Promise.all([
    ask(session, '/fails', Buffer.alloc(500_000)),
    ask(session, '/fine', large),
  ]);
  expect(failed).toMatchObject({ headers: { ':status': 429, 'retry-after': '2' }, body: Buffer.from('failed') });
  expect(hash(passed!.body)).toBe(hash(large));
  expect(served).toEqual(['/fine']);
  expect(await rig.control.remove('fails', 'some')).toMatchObject({
    requests: 2,
    matchingRequests: 1,
    failedRequests: 1,
  });
  expect((await ask(session, '/fails', Buffer.from('a'))).headers[':status']).toBe(200);
});

test('streams are refused, reset, or cut in their middle or at their end, and their connection goes on', async () => {
  const session = await open('resets');
  const fails = async (how: string, path: string) => {
    await rig.control.add('resets', failureOf(how, { how, header: { 'x-tenant': 'acme' } }));
    const answer = await ask(session, path);
    expect(await rig.control.remove('resets', how)).toMatchObject({ failedRequests: 1 });
    return answer;
  };
  expect((await fails('close', '/a')).code).toBe(constants.NGHTTP2_REFUSED_STREAM);
  expect((await fails('reset', '/a')).code).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  const cut = await fails('cut', '/large');
  expect(cut).toMatchObject({ headers: { ':status': 200 }, code: constants.NGHTTP2_INTERNAL_ERROR });
  expect(cut.body.equals(large.subarray(0, cut.body.length))).toBe(true);
  expect(cut.body.length).toBeLessThan(large.length);
  const behind = await fails('cut-behind', '/large');
  expect(behind).toMatchObject({ headers: { ':status': 200 }, code: constants.NGHTTP2_INTERNAL_ERROR });
  expect(hash(behind.body)).toBe(hash(large));
  expect(hash((await ask(session, '/large')).body)).toBe(hash(large));
  expect(session.closed).toBe(false);
});

test('a delayed answer holds up no other, and comes at once when the fault is lifted', async () => {
  const session = await open('delays');
  await rig.control.add('delays', answerDelayOf('some', 300, { path: '/slow' }));
  const began = performance.now();
  let quickMs = 0;
  const quick = ask(session, '/quick', Buffer.from('a')).then(() => {
    quickMs = performance.now() - began;
  });
  await Promise.all([quick, ask(session, '/slow', Buffer.from('a'))]);
  expect(performance.now() - began).toBeGreaterThanOrEqual(299);
  expect(quickMs).toBeLessThan(performance.now() - began);
  expect(await rig.control.remove('delays', 'some')).toMatchObject({ delayedRequests: 1 });
  await rig.control.add('delays', answerDelayOf('long', 600_000));
  const waiting = ask(session, '/slow', Buffer.from('a'));
  await expect.poll(() => rig.control.counters('delays', 'long')).toMatchObject({ chosenRequests: 1 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await rig.control.remove('delays', 'long');
  expect((await waiting).headers[':status']).toBe(200);
});

test('bodies are delayed as a whole, or have a rate, each stream for itself, with trailers and resets', async () => {
  const session = await open('bodies');
  await rig.control.add('bodies', answerDelayOf('late', 200, { path: '/late', of: 'whole' }));
  await rig.control.add('bodies', answerRateOf('slow', 100_000, { path: '/slow' }));
  const sent = large.subarray(0, 30_000);
  const took = async (path: string) => {
    const began = performance.now();
    const answer = await ask(session, path, sent);
    expect(answer).toMatchObject({ code: 0, trailers: { 'x-end': 'yes' } });
    expect(answer.body.equals(sent)).toBe(true);
    return performance.now() - began;
  };
  const [late, slow, alsoSlow, quick] = await Promise.all(['/late', '/slow', '/slow', '/quick'].map(took));
  expect(late).toBeGreaterThanOrEqual(199);
  expect(Math.min(slow!, alsoSlow!)).toBeGreaterThanOrEqual(299);
  expect(quick).toBeLessThan(Math.max(slow!, alsoSlow!));
  const counters = await rig.control.counters('bodies', 'slow');
  expect(counters).toMatchObject({ requests: 4, chosenRequests: 2, bytes: 60_000 });
  expect(counters.busyBytes! / (counters.busyMs! / 1000)).toBeLessThanOrEqual(100_000);
  expect(await rig.control.counters('bodies', 'late')).toMatchObject({ delayedRequests: 1 });

  await rig.control.add('bodies', answerRateOf('crawling', 1));
  await rig.control.add('bodies', answerDelayOf('hour', 3_600_000, { path: '/large', of: 'whole' }));
  const waiting = ask(session, '/quick', sent);
  const large2 = ask(session, '/large');
  await expect.poll(() => rig.control.counters('bodies', 'crawling')).toMatchObject({ chosenRequests: 2 });
  await rig.control.remove('bodies', 'hour');
  await rig.control.remove('bodies', 'crawling');
  expect((await waiting).body.equals(sent)).toBe(true);
  expect((await large2).body.equals(large)).toBe(true);
});

test('what was sent before a reset comes before it, however late', async () => {
  const session = await open('before-reset');
  for (const fault of [
    answerDelayOf('late', 200),
    answerDelayOf('whole', 200, { of: 'whole' }),
    answerRateOf('slow', 500_000),
  ]) {
    await rig.control.add('before-reset', fault);
    const began = performance.now();
    const { headers, body, code } = await ask(session, '/breaks');
    expect([headers[':status'], body.length, code]).toEqual([200, 100_000, constants.NGHTTP2_ENHANCE_YOUR_CALM]);
    expect(performance.now() - began).toBeGreaterThanOrEqual(199);
    await rig.control.remove('before-reset', fault.id);
  }
});

test('a delay and a rate add up, also of what another fault answers', async () => {
  const session = await open('adds-up');
  await rig.control.add('adds-up', answerRateOf('slow', 100_000));
  await rig.control.add('adds-up', answerDelayOf('late', 200));
  const took = async () => {
    const began = performance.now();
    const { body } = await ask(session, '/echo', large.subarray(0, 30_000));
    expect(body.length).toBe(30_000);
    return performance.now() - began;
  };
  expect(await took()).toBeGreaterThanOrEqual(499);
  await rig.control.add('adds-up', failureOf('failing', { body: 'f'.repeat(30_000) }));
  expect(await took()).toBeGreaterThanOrEqual(499);
});

test('a delayed answer comes although it is nothing but a head', async () => {
  const session = await open('heads');
  await rig.control.add('heads', answerDelayOf('some', 100));
  expect(await ask(session, '/empty')).toMatchObject({ headers: { ':status': 204 }, code: 0 });
});

test('a limit that the server does not name is not named to its clients', async () => {
  const client = await dial(await rig.link('limits', serverPort, 'http2'));
  client.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
  const settings = await read(client, 15);
  const [length, type, initialWindowSize] = [settings.readUIntBE(0, 3), settings[3], 4];
  expect([length, type, settings.readUInt16BE(9)]).toEqual([6, 4, initialWindowSize]);
  client.destroy();
});

test('a client that cancels cancels at the server', async () => {
  const session = await open('cancels');
  const cancelled = new Promise<number>((resolve) =>
    server.once('stream', (stream) => stream.once('close', () => resolve(stream.rstCode))),
  );
  const stream = session.request({ ':path': '/never' });
  stream.on('error', () => {});
  await once(stream, 'response');
  stream.close(constants.NGHTTP2_CANCEL);
  expect(await cancelled).toBe(constants.NGHTTP2_CANCEL);
});

test('faults of the stream of bytes work on such a link as on any other', async () => {
  const session = await open('bytes');
  await rig.control.add('bytes', delayOf('slow', 150));
  const began = performance.now();
  expect((await ask(session, '/a', Buffer.from('a'))).headers[':status']).toBe(200);
  expect(performance.now() - began).toBeGreaterThanOrEqual(149);
});

test('a server that is not there breaks the connection', async () => {
  const port = await rig.link('nobody', 1, 'http2');
  const session = connect(`http://127.0.0.1:${port}`);
  await expect(once(session, 'close')).rejects.toThrow('ECONNRESET');
});

test('a session begins even if its server says nothing, which learns of its end', async () => {
  let hasEnded = false;
  const silent = await serve((socket) =>
    socket.resume().on('end', () => {
      hasEnded = true;
    }),
  );
  const port = await rig.link('silent', silent.port, 'http2');
  const session = connect(`http://127.0.0.1:${port}`);
  await once(session, 'remoteSettings');
  session.destroy();
  await expect.poll(() => hasEnded).toBe(true);
  await silent.close();
});

describe('a server of its own', () => {
  const largeHeads = { maxHeaderListPairs: 1000, maxSendHeaderBlockLength: 1_000_000 };
  const own = createServer({
    ...largeHeads,
    settings: { enableConnectProtocol: true, maxConcurrentStreams: 3 },
  });
  let open: () => Promise<ClientHttp2Session>;
  beforeAll(async () => {
    own.listen(0, '127.0.0.1');
    await once(own, 'listening');
    const port = await rig.link('own', (own.address() as { port: number }).port, 'http2');
    open = async () => {
      const session = connect(`http://127.0.0.1:${port}`, largeHeads);
      session.on('error', () => {});
      sessions.push(session);
      return session;
    };
  });
  afterAll(() => {
    own.close();
  });

  test('says in its first settings what its clients may ask', async () => {
    const session = await open();
    const [settings] = (await once(session, 'remoteSettings')) as [Settings];
    expect(settings).toMatchObject({ enableConnectProtocol: true, maxConcurrentStreams: 3 });
  });

  test('takes a WebSocket, both ways and each by itself', async () => {
    const session = await open();
    const asked = new Promise<IncomingHttpHeaders>((resolve) =>
      own.once('stream', (stream, headers) => {
        resolve(headers);
        stream.respond({ ':status': 200, 'sec-websocket-protocol': 'chat' });
        stream.pipe(stream);
      }),
    );
    await once(session, 'remoteSettings');
    const socket = session.request({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':path': '/chat',
      'sec-websocket-version': '13',
    });
    const [answer] = await once(socket, 'response');
    expect(answer).toMatchObject({ ':status': 200, 'sec-websocket-protocol': 'chat' });
    expect(await asked).toMatchObject({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/chat' });
    for (const part of ['one', 'two']) {
      socket.write(part);
      expect(String((await once(socket, 'data'))[0])).toBe(part);
    }
    socket.end('three');
    const rest: Buffer[] = [];
    for await (const part of socket) rest.push(part as Buffer);
    expect(Buffer.concat(rest).toString()).toBe('three');
  });

  test('ends its side of a WebSocket first, and still hears', async () => {
    const session = await open();
    const heard = new Promise<string>((resolve) =>
      own.once('stream', (stream) => {
        stream.respond();
        stream.end('bye');
        stream.once('data', (part) => resolve(String(part)));
      }),
    );
    const socket = await webSocket(session);
    const said = once(socket, 'data');
    await once(socket, 'end');
    socket.end('good bye');
    expect([String((await said)[0]), await heard]).toEqual(['bye', 'good bye']);
  });

  test.each(['client', 'server'])('sees a WebSocket reset by the %s, and so does the other', async (side) => {
    const session = await open();
    const taken = new Promise<ServerHttp2Stream>((resolve) =>
      own.once('stream', (stream: ServerHttp2Stream) => {
        stream.on('error', () => {});
        stream.respond();
        resolve(stream);
      }),
    );
    const ours = await webSocket(session);
    ours.on('error', () => {});
    const theirs = await taken;
    await once(ours, 'response');
    const [one, other] = side === 'client' ? [ours, theirs] : [theirs, ours];
    const closed = new Promise((resolve) => other.once('close', () => resolve(other.rstCode)));
    one.close(constants.NGHTTP2_CONNECT_ERROR);
    expect(await closed).toBe(constants.NGHTTP2_CONNECT_ERROR);
  });

  test('opens a WebSocket late, or breaks it off, when told to', async () => {
    const session = await open();
    own.once('stream', echo);
    await rig.control.add('own', answerDelayOf('late', 150));
    const began = performance.now();
    const late = await webSocket(session);
    late.write('early');
    expect(String((await once(late, 'data'))[0])).toBe('early');
    expect(performance.now() - began).toBeGreaterThanOrEqual(149);
    late.end();
    await rig.control.remove('own', 'late');
    await rig.control.add('own', failureOf('cut', { how: 'cut' }));
    own.once('stream', echo);
    const cut = await webSocket(session);
    const broken = new Promise((resolve) => cut.on('error', () => {}).once('close', () => resolve(cut.rstCode)));
    cut.write('1234');
    expect(String((await once(cut, 'data'))[0])).toBe('12');
    expect(await broken).toBe(constants.NGHTTP2_INTERNAL_ERROR);
    expect(await rig.control.remove('own', 'cut')).toMatchObject({ failedRequests: 1 });
  });

  test('opens no WebSocket that is to fail', async () => {
    const session = await open();
    await once(session, 'remoteSettings');
    await rig.control.add('own', failureOf('no', { method: 'CONNECT', status: 503 }));
    const socket = session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/chat' });
    expect((await once(socket, 'response'))[0]).toMatchObject({ ':status': 503 });
    expect(await rig.control.remove('own', 'no')).toMatchObject({ failedRequests: 1 });
  });

  test('may go when it has answered: a client that reads slowly gets all of it', async () => {
    const session = await open();
    own.once('stream', (stream) => {
      stream.end(large);
      stream.session!.close();
    });
    const stream = session.request({ ':path': '/' });
    await once(stream, 'response');
    stream.pause();
    await pause(200);
    const parts: Buffer[] = [];
    for await (const part of stream) {
      parts.push(part as Buffer);
      if (parts.length % 20 === 0) await pause(1);
    }
    expect(hash(Buffer.concat(parts))).toBe(hash(large));
  });

  test.each([100, 139_837, 300_000, 5_000_000])(
    'may answer before it has read %d bytes, and gets them',
    async (count) => {
      const session = await open();
      const read = new Promise<number>((resolve) =>
        own.once('stream', (stream) => {
          let bytes = 0;
          stream.on('data', (part: Buffer) => {
            bytes += part.length;
          });
          stream.on('close', () => resolve(bytes));
          stream.respond();
          stream.end();
        }),
      );
      const stream = session.request({ ':method': 'POST' });
      stream.resume().end(Buffer.alloc(count));
      await once(stream, 'close');
      expect([await read, stream.rstCode]).toEqual([count, 0]);
    },
  );

  test('may answer and want to hear no more, and leaves nothing open', async () => {
    const session = await open();
    const closed = new Promise((resolve) => own.once('session', (one) => one.once('close', resolve)));
    own.once('stream', (stream) => {
      stream.respond({}, { waitForTrailers: true });
      stream.once('wantTrailers', () => {
        stream.sendTrailers({ 'x-end': 'yes' });
        setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), 50);
      });
      stream.end('enough');
    });
    const stream = session.request({ ':method': 'POST' });
    stream.write(large);
    let answer = '';
    stream.on('data', (part: Buffer) => {
      answer += part;
    });
    const trailers = once(stream, 'trailers');
    await once(stream, 'close');
    expect([answer, stream.rstCode]).toEqual(['enough', 0]);
    expect((await trailers)[0]).toMatchObject({ 'x-end': 'yes' });
    session.close();
    await closed;
  });

  test('learns of a client that goes before anything was said', async () => {
    const closed = new Promise((resolve) => own.once('session', (one) => one.once('close', resolve)));
    const session = await open();
    session.close();
    await closed;
  });

  test('learns of a request that is whole and given up at once', async () => {
    const session = await open();
    const heard = new Promise<[string, number | undefined]>((resolve) =>
      own.once('stream', (stream) => {
        let bytes = '';
        stream.on('data', (part: Buffer) => {
          bytes += part;
        });
        stream.once('close', () => resolve([bytes, stream.rstCode]));
      }),
    );
    const stream = session.request({ ':method': 'POST' });
    stream.end('all').close();
    expect(await heard).toEqual(['all', 0]);
  });

  test.each([1000, 139_837, 5_000_000])('learns of an upload of %d bytes that is given up', async (count) => {
    const session = await open();
    const closed = new Promise<number>((resolve) =>
      own.once('stream', (stream) => {
        stream.on('error', () => {});
        stream.once('close', () => resolve(stream.rstCode));
        stream.pause();
      }),
    );
    const stream = session.request({ ':method': 'POST' });
    stream.on('error', () => {});
    stream.end(Buffer.alloc(count));
    await pause(100);
    stream.close(constants.NGHTTP2_CANCEL);
    expect(await closed).toBe(constants.NGHTTP2_CANCEL);
  });

  test('may reset a stream as it likes', async () => {
    const session = await open();
    for (const code of [0, 1, 7, 8]) {
      own.once('stream', (stream) => stream.on('error', () => {}).close(code));
      const stream = session.request({ ':path': '/' });
      stream.on('error', () => {});
      await once(stream, 'close').catch(() => {});
      expect(stream.rstCode).toBe(code);
    }
  });

  test('sees fields of one name apart, and gives them so', async () => {
    const session = await open();
    const seen = new Promise<string[]>((resolve) =>
      own.once('stream', (stream: ServerHttp2Stream, _headers: object, _flags: number, raw: string[]) => {
        resolve(raw);
        stream.respond({ ':status': 200, 'x-two': ['c', 'd'], 'set-cookie': ['e=1', 'f=2'] });
        stream.end();
      }),
    );
    const stream = session.request({ ':path': '/', host: 'shop', 'x-one': ['a', 'b'], cookie: 'g=1; h=2' });
    const answered = new Promise<string[]>((resolve) =>
      stream.once('response', (_headers: object, _flags: number, raw: string[]) => resolve(raw)),
    );
    expect((await seen).join(' ')).toMatch(/host shop x-one a x-one b cookie g=1; h=2$/);
    expect((await answered).join(' ')).toContain('x-two c x-two d set-cookie e=1 set-cookie f=2');
  });

  test.each([constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_ENHANCE_YOUR_CALM])(
    'tells why it goes, with code %d',
    async (code) => {
      own.once('session', (one) => one.goaway(code, 0, Buffer.from('too_many_pings')));
      const session = await open();
      const told = await new Promise<unknown[]>((resolve) => session.once('goaway', (...all) => resolve(all)));
      expect([told[0], String(told[2])]).toEqual([code, 'too_many_pings']);
    },
  );

  test('sees heads of several hundred fields', async () => {
    const session = await open();
    own.once('stream', (stream, headers) => {
      stream.respond({ ':status': 200, 'x-count': Object.keys(headers).length, ...fields('y') });
      stream.end();
    });
    const stream = session.request({ ':path': '/', ...fields('x') });
    const [answer] = await once(stream, 'response');
    expect(answer).toMatchObject({ ':status': 200, 'y-299': '299'.padEnd(400, '.') });
  });
});

/** Several hundred, of more than a hundred thousand bytes. */
const fields = (letter: string) =>
  Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`${letter}-${index}`, `${index}`.padEnd(400, '.')]));

const echo = (stream: ServerHttp2Stream) => {
  stream.on('error', () => {});
  stream.respond();
  stream.pipe(stream);
};

async function webSocket(session: ClientHttp2Session) {
  if (!session.remoteSettings.enableConnectProtocol) await once(session, 'remoteSettings');
  return session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/chat' });
}

test('a server that takes no WebSocket gets none', async () => {
  const session = await open('no-websocket');
  const [settings] = (await once(session, 'remoteSettings')) as [Settings];
  expect(settings.enableConnectProtocol).toBe(false);
  served = [];
  const socket = session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/chat' });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
  expect([socket.rstCode, served]).toEqual([constants.NGHTTP2_PROTOCOL_ERROR, []]);
});

/** Of what a client has sent, its preface first. */
function frameTypes(bytes: Buffer): number[] {
  const types: number[] = [];
  for (let at = 24; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) types.push(bytes[at + 3]!);
  return types;
}

test('a server that sends what must not be sent breaks its streams, and not the proxy', async () => {
  const frame = (type: number, flags: number, body: string) =>
    Buffer.from([0, 0, body.length, type, flags, 0, 0, 0, 1, ...Buffer.from(body, 'latin1')]);
  const [status, interim, field] = ['\x88', '\0\x07:status\x03103', '\0\x0ehttp2-settings\x01a'];
  for (const answer of [
    [frame(1, 4, interim + field)],
    [frame(1, 4, status), frame(0, 0, 'abc'), frame(1, 5, field)],
  ]) {
    const strange = await serve((socket) => {
      socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
      let heard = Buffer.alloc(0);
      const hear = (part: Buffer) => {
        heard = Buffer.concat([heard, part]);
        if (!frameTypes(heard).includes(1)) return;
        socket.off('data', hear).write(Buffer.concat(answer));
      };
      socket.on('data', hear);
    });
    const session = connect(`http://127.0.0.1:${await rig.link(`strange-${strange.port}`, strange.port, 'http2')}`);
    session.on('error', () => {});
    sessions.push(session);
    expect((await ask(session, '/')).code).toBe(constants.NGHTTP2_INTERNAL_ERROR);
    await strange.close();
  }
  const session = await open('after-strange');
  expect((await ask(session, '/empty')).headers[':status']).toBe(204);
});

test('what follows the preface and is no HTTP/2 is not carried', async () => {
  const client = await dial(await rig.link('other', serverPort, 'http2'));
  const end = fate(client);
  client.write(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'x'.repeat(1000)}`);
  await end;
});

test('a fault may mean the host that a client asks for', async () => {
  const session = await open('host');
  await rig.control.add('host', failureOf('others', { header: { host: 'elsewhere' } }));
  await rig.control.add('host', failureOf('this', { header: { Host: '127.0.0.1' }, status: 502 }));
  expect((await ask(session, '/empty')).headers[':status']).toBe(502);
  await rig.control.remove('host', 'this');
  expect((await ask(session, '/empty')).headers[':status']).toBe(204);
  const elsewhere = session.request({ ':path': '/empty', ':authority': 'elsewhere.example' });
  const [headers] = await once(elsewhere, 'response');
  expect(headers[':status']).toBe(503);
});

test('curl sees what a server would answer', async () => {
  const port = await rig.link('curl', serverPort, 'http2');
  await rig.control.add('curl', failureOf('some', { every: 2 }));
  const curl = async () =>
    (
      await promisify(execFile)('curl', [
        '-s',
        '--http2-prior-knowledge',
        '-w',
        '%{http_version} %{http_code}',
        '-d',
        'hi',
        `http://127.0.0.1:${port}/`,
      ])
    ).stdout;
  expect(await curl()).toBe('hi2 200');
  expect(await curl()).toBe('failed2 503');
});
