import { once } from 'node:events';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProxyFault } from '../../src/model/operation.ts';
import { answerDelayOf, answerRateOf, ask, failureOf, readAll, readUntil, undated } from './support/http.ts';
import { dial, promised, type Rig, read, serve, startRig } from './support/rig.ts';

let rig: Rig;
let links = 0;

beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((one) => Buffer.from(one));
const size = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 300 }), fc.integer({ min: 60_000, max: 150_000 }));
const body = fc.tuple(bytes(200), size).map(([some, length]) => Buffer.alloc(length, some.length > 0 ? some : 'x'));

/** A body and the fields that frame it. */
interface Framed {
  fields: string;
  bytes: Buffer;
}
const unframed: fc.Arbitrary<Framed> = fc.constant({ fields: '', bytes: Buffer.alloc(0) });
const byLength: fc.Arbitrary<Framed> = body.map((one) => ({ fields: `Content-Length: ${one.length}\r\n`, bytes: one }));
const extension = fc.constantFrom('', ';a=b', ' ; name="quoted ; text"');
const trailers = fc.constantFrom('', 'X-Sum: 1\r\n', 'X-Sum: 1\r\nX-More: 2\r\n');
const chunked: fc.Arbitrary<Framed> = fc
  .tuple(fc.array(body, { maxLength: 4 }), extension, trailers)
  .map(([chunks, ext, ending]) => ({
    fields: 'Transfer-Encoding: gzip, Chunked\r\n',
    bytes: Buffer.concat([
      ...chunks
        .filter(({ length }) => length > 0)
        .flatMap((one) => [latin1(`${one.length.toString(16)}${ext}\r\n`), one, latin1('\r\n')]),
      latin1(`0${ext}\r\n${ending}\r\n`),
    ]),
  }));
const framed = fc.oneof(unframed, byLength, chunked);

interface Exchange {
  fails: boolean;
  request: Buffer;
  answer: Buffer;
}
const exchange: fc.Arbitrary<Exchange> = fc
  .record({
    fails: fc.boolean(),
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'OPTIONS'),
    leading: fc.constantFrom('', '\r\n'),
    request: framed,
    answer: fc.oneof(byLength, chunked),
    status: fc.constantFrom('200 OK', '404 Not Found', '204 No Content', '304 Not Modified', '500 '),
    informational: fc.constantFrom('', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'),
    long: fc.constantFrom(0, 10, 30_000),
  })
  .map(({ fails, method, leading, request, answer, status, informational, long }) => {
    const path = fails ? '/fails/x?y=/z' : '/passes/x?y=/fails/';
    const hasBody = method !== 'HEAD' && !/^[23]04/.test(status);
    return {
      fails,
      request: Buffer.concat([
        latin1(
          `${leading}${method} ${path} HTTP/1.1\r\nHost: a\r\nX-Long: ${'l'.repeat(long)}\r\n${request.fields}\r\n`,
        ),
        request.bytes,
      ]),
      answer: fails
        ? latin1(`HTTP/1.1 503 Service Unavailable\r\nContent-Length: 6\r\n\r\n${method === 'HEAD' ? '' : 'failed'}`)
        : Buffer.concat([
            latin1(`${informational}HTTP/1.1 ${status}\r\n${answer.fields}\r\n`),
            hasBody ? answer.bytes : Buffer.alloc(0),
          ]),
    };
  });

/** Sends the bytes in pieces that end anywhere. */
async function sendCut(socket: Socket, all: Buffer, cuts: number[]): Promise<void> {
  const ends = [...cuts.map((cut) => Math.floor(cut * all.length)).sort((a, b) => a - b), all.length];
  let from = 0;
  for (const to of ends) {
    if (to > from && !socket.write(all.subarray(from, to))) await once(socket, 'drain');
    from = to;
    await new Promise(setImmediate);
  }
}

/** Answers the requests that it gets, each when it has it whole. */
async function serveAnswers(exchanges: Exchange[], cuts: number[]) {
  const passed = exchanges.filter(({ fails }) => !fails);
  const heard: Buffer[] = [];
  const server = await serve((socket) => {
    let missing = passed[0]?.request.length ?? 0;
    let answered = 0;
    let sending = Promise.resolve();
    socket.on('data', (part: Buffer) => {
      heard.push(part);
      missing -= part.length;
      while (missing <= 0 && answered < passed.length) {
        const { answer } = passed[answered]!;
        sending = sending.then(() => sendCut(socket, answer, cuts));
        answered += 1;
        missing += passed[answered]?.request.length ?? 0;
      }
    });
    socket.once('end', () => void sending.then(() => socket.end()));
  });
  return {
    ...server,
    heard: () => Buffer.concat(heard),
    expected: Buffer.concat(passed.map(({ request }) => request)),
  };
}

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 25 });

/** They cut answers, and hold them back, and let them pass. */
const slowing = (path: string): ProxyFault[] => [
  answerRateOf(`rate ${path}`, 40e6, { path, rate: 0.5 }),
  answerDelayOf(`late ${path}`, 1, { path, rate: 0.5, jitterMs: 1, of: 'whole' }),
];

test.each<[string, ProxyFault[]]>([
  ['alone', []],
  ['behind faults that slow down answers', ['/passes/**', '**'].flatMap(slowing)],
])(
  'what does not fail is byte for byte the same, in any framing, pipelined and cut anywhere, %s',
  async (_, beside) => {
    await fc.assert(
      fc.asyncProperty(fc.array(exchange, { minLength: 1, maxLength: 8 }), cuts, cuts, async (all, there, back) => {
        links += 1;
        const name = `link-${links}`;
        const server = await serveAnswers(all, back);
        const client = await dial(await rig.link(name, server.port, 'http'));
        await rig.control.add(name, failureOf('some', { path: '/fails/**' }));
        for (const fault of beside) await rig.control.add(name, fault);
        const answers = readAll(client);
        await sendCut(client, Buffer.concat(all.map(({ request }) => request)), there);
        client.end();
        const expected = Buffer.concat(all.map(({ answer }) => answer)).toString('latin1');
        expect(undated(await answers) === expected).toBe(true);
        expect(server.heard().equals(server.expected)).toBe(true);
        const failures = all.filter(({ fails }) => fails).length;
        expect(await rig.control.counters(name, 'some')).toMatchObject({
          requests: all.length,
          matchingRequests: failures,
          failedRequests: failures,
          passedRequests: all.length - failures,
          unreadableConnections: 0,
        });
        client.destroy();
        await server.close();
      }),
      { numRuns: 150 },
    );
  },
);

test('whatever is no HTTP passes as it is, and its connection is counted', async () => {
  const opening = fc.oneof(
    bytes(300),
    fc
      .constantFrom(
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        '\x16\x03\x01\x02\0',
        'GET /\r\n',
        'GET / HTTP/1.1\r\nno field\r\n\r\n',
      )
      .map(latin1),
    fc
      .constantFrom('5', '5, 6', '-1', '1e3', '99999999999999999999')
      .map((length) => latin1(`POST / HTTP/1.1\r\nContent-Length: ${length}\r\n\r\n`)),
    fc.constant(latin1('POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n')),
    fc.constant(latin1('POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n')),
    fc.constant(latin1(`GET / HTTP/1.1\r\nX: ${'l'.repeat(70_000)}`)),
  );
  const server = await serve((socket) => void socket.pipe(socket));
  await fc.assert(
    fc.asyncProperty(opening, body, cuts, async (first, rest, where) => {
      links += 1;
      const name = `link-${links}`;
      const client = await dial(await rig.link(name, server.port, 'http'));
      await rig.control.add(name, failureOf('none', { path: '/nowhere' }));
      const echo = readAll(client);
      const sent = Buffer.concat([first, rest]);
      await sendCut(client, sent, where);
      client.end();
      expect((await echo).equals(sent)).toBe(true);
      client.destroy();
    }),
    { numRuns: 150 },
  );
  await server.close();
});

test('a server that wants what follows a request to upgrade before it answers gets it', async () => {
  const head = 'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key1: 18x 6]8vM\r\n\r\n';
  const key = '\0n:ds[4U'; // as the first WebSockets had it, behind the head
  const server = await serve(async (socket) => {
    expect(String(await read(socket, head.length + key.length))).toBe(head + key);
    socket.write('HTTP/1.1 101 WebSocket Protocol Handshake\r\n\r\n');
    socket.pipe(socket);
  });
  const client = await dial(await rig.link('early', server.port, 'http'));
  client.write(head + key);
  await readUntil(client, '\r\n\r\n');
  client.write('\x00hello\xff', 'latin1');
  expect(await readUntil(client, '\xff')).toBe('\x00hello\xff');
  client.destroy();
  await server.close();
});

test('what waits for the answer to an upgrade, in case it is a request that fails, goes on when the fault is lifted', async () => {
  const heard = promised<undefined>();
  let bytes = '';
  const server = await serve((socket) =>
    socket.on('data', (part) => {
      bytes += part;
      if (bytes.endsWith('early')) heard.resolve(undefined);
    }),
  );
  const client = await dial(await rig.link('let-go', server.port, 'http'));
  await rig.control.add('let-go', failureOf('some', { path: '/fails' }));
  client.write('GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nearly');
  await expect.poll(() => bytes).toMatch(/\r\n\r\n$/);
  await rig.control.remove('let-go', 'some');
  await heard.promise;
  bytes = '';
  client.destroy();
  await server.close();
});

test('a head of which only a part has come goes on when the fault is lifted', async () => {
  let bytes = '';
  const server = await serve((socket) =>
    socket.on('data', (part) => {
      bytes += part;
    }),
  );
  const port = await rig.link('half', server.port, 'http');
  const client = await dial(port);
  await rig.control.add('half', failureOf('all'));
  client.write('GET / HTTP/1.1\r\nHo');
  expect((await ask(port)).status).toBe(503); // it has read the other by now
  expect(bytes).toBe('');
  await rig.control.remove('half', 'all');
  await expect.poll(() => bytes).toBe('GET / HTTP/1.1\r\nHo');
  client.destroy();
  await server.close();
});

test('what follows a request to upgrade and is no request does not wait, whatever fault is in force', async () => {
  for (const [name, answer, heardBehind] of [
    ['agrees', 'HTTP/1.1 101 Switching\r\n\r\n', 0],
    ['declines', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 1],
  ] as const) {
    const head = 'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
    const server = await serve(async (socket) => {
      expect(String(await read(socket, head.length + 4))).toBe(`${head}\0raw`);
      socket.write(answer);
      socket.pipe(socket);
    });
    const client = await dial(await rig.link(name, server.port, 'http'));
    await rig.control.add(name, failureOf('some', { path: '/fails' }));
    client.write(`${head}\0raw`);
    await readUntil(client, '\r\n\r\n');
    client.write('GET /fails HTTP/1.1\r\n\r\n');
    expect(await readUntil(client, '\r\n\r\n')).toBe('GET /fails HTTP/1.1\r\n\r\n');
    expect(await rig.control.counters(name, 'some')).toMatchObject({ unreadableConnections: heardBehind });
    client.destroy();
    await server.close();
  }
});

test('a server learns of a client that goes before it has answered a request to upgrade', async () => {
  const gone = promised<string>();
  const server = await serve((socket) => {
    let heard = '';
    socket.on('data', (part) => {
      heard += part;
    });
    socket.on('end', () => gone.resolve(heard));
  });
  const client = await dial(await rig.link('goes', server.port, 'http'));
  await rig.control.add('goes', failureOf('some', { path: '/fails' }));
  const all = 'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nGET /b HTTP/1.1\r\n\r\n';
  client.end(all);
  expect(await gone.promise).toBe(all);
  client.destroy();
  await server.close();
});

test('a server that ends without an answer to a request to upgrade hears what its client still says', async () => {
  const gone = promised<string>();
  const server = await serve((socket) => {
    let heard = '';
    socket.on('data', (part) => {
      if (heard === '') socket.end();
      heard += part;
    });
    socket.on('end', () => gone.resolve(heard));
  });
  const client = await dial(await rig.link('ends', server.port, 'http'));
  await rig.control.add('ends', failureOf('some', { path: '/fails' }));
  const all = 'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\naaa';
  client.once('end', () => client.end()).resume();
  client.write(all);
  expect(await gone.promise).toBe(all);
  client.destroy();
  await server.close();
});

test('the head of an answer that comes in pieces goes on as it comes, unless it is to be changed or cut', async () => {
  let asked = promised<Socket>();
  const server = await serve((socket) => void socket.once('data', () => asked.resolve(socket)));
  for (const [name, faults] of [
    ['no-fault', []],
    ['other-fault', [failureOf('some', { path: '/fails' })]],
  ] as const) {
    const client = await dial(await rig.link(name, server.port, 'http'));
    for (const fault of faults) await rig.control.add(name, fault);
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const socket = await asked.promise;
    asked = promised();
    for (const part of ['HTTP/1.1 200 OK\r\n', 'Content-', 'Length: 2\r', '\n\r\n', 'ok']) {
      socket.write(part);
      expect(await readUntil(client, part)).toBe(part);
    }
    client.destroy();
  }
  await server.close();
});

test('requests that follow one to upgrade, which the server does not do, fail as they should', async () => {
  const asked = promised<Socket>();
  const server = await serve((socket) => void socket.once('data', () => asked.resolve(socket)));
  const client = await dial(await rig.link('declined', server.port, 'http'));
  const upgrade = 'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n';
  client.write(`${upgrade}GET /second HTTP/1.1\r\n\r\n`);
  const socket = await asked.promise;
  await rig.control.add('declined', failureOf('some', { path: '/fails' }));
  client.write('GET /fails HTTP/1.1\r\n\r\n');
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n';
  socket.write(`${answer}1${answer}2`);
  expect(undated(Buffer.from(await readUntil(client, 'failed')))).toBe(
    `${answer}1${answer}2HTTP/1.1 503 Service Unavailable\r\nContent-Length: 6\r\n\r\nfailed`,
  );
  client.destroy();
  await server.close();
});

test("the server's first words come together with its leave to upgrade, as it sent them", async () => {
  const server = await serve((socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\n\r\nfirst words'));
  });
  const port = await rig.link('words', server.port, 'http');
  for (let round = 0; round < 50; round += 1) {
    const client = await dial(port);
    client.write('GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: a\r\n\r\n');
    const [words] = await once(client, 'data');
    expect(String(words)).toMatch(/first words$/);
    client.destroy();
  }
  await server.close();
});
