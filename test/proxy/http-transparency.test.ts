import { once } from 'node:events';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failureOf, readAll, undated } from './support/http.ts';
import { dial, type Rig, serve, startRig } from './support/rig.ts';

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

test('what does not fail is byte for byte the same, in any framing, pipelined and cut anywhere', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(exchange, { minLength: 1, maxLength: 8 }), cuts, cuts, async (all, there, back) => {
      links += 1;
      const name = `link-${links}`;
      const server = await serveAnswers(all, back);
      const client = await dial(await rig.link(name, server.port, 'http'));
      await rig.control.add(name, failureOf('some', { path: '/fails/**' }));
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
});

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
