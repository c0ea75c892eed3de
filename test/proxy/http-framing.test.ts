import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failureOf, readAll, serveHttp } from './support/http.ts';
import { dial, type Rig, startRig } from './support/rig.ts';

let rig: Rig;
let server: Awaited<ReturnType<typeof serveHttp>>;
/** What Node's own parser made of the last connection. */
let heard = { requests: 0, refused: 0, closed: 0 };

beforeAll(async () => {
  rig = await startRig();
  server = await serveHttp(
    (asked, answer) => {
      heard.requests += 1;
      asked.resume();
      answer.end('hello');
    },
    (one) => {
      one.on('clientError', (_, socket) => {
        heard.refused += 1;
        socket.destroy();
      });
      one.on('connection', (socket) => socket.on('close', () => (heard.closed += 1)));
    },
  );
});
afterAll(async () => {
  await rig.stop();
  await server.close();
});

const line = fc.constantFrom(
  'X: y\r\n',
  'X:\r\n',
  'Y: \xff\r\n',
  'Transfer-Encoding-Not: chunked\r\n',
  'Connection: keep-alive\r\n',
);
const body = fc.constantFrom(
  '\r\n',
  'Content-Length: 0\r\n\r\n',
  'Content-Length: 3\r\n\r\nabc',
  'content-length:03\r\n\r\nabc',
  'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'transfer-encoding:\tCHUNKED\r\n\r\n000a;q="r"\r\n0123456789\r\nA\r\n0123456789\r\n00\r\nT: u\r\nV: w\r\n\r\n',
  'Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
);
const start = fc.constantFrom('GET /', 'HEAD /a', 'POST /b?c', 'M-SEARCH *', 'PUT http://a/b', '\r\nDELETE /c');
const message = fc
  .tuple(start, fc.array(line, { maxLength: 3 }), body)
  .map(([first, lines, rest]) => `${first} HTTP/1.1\r\nHost: a\r\n${lines.join('')}${rest}`);
/** A place, as a share of the length, and what is written over what stands there. */
const damage = fc.tuple(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(
    '',
    '\r',
    '\n',
    ' ',
    '\0',
    ':',
    ';',
    'f',
    '\r\n\r\n',
    'Content-Length: 4\r\n',
    'Content-Length: 1, 2\r\n',
  ),
);

test("finds the same requests as Node's parser, and reads everything that Node reads", async () => {
  let read = 0;
  let link = 0;
  const messages = fc.array(message, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(messages, fc.option(damage, { freq: 1 }), async (whole, damaged) => {
      link += 1;
      heard = { requests: 0, refused: 0, closed: 0 };
      const client = await dial(await rig.link(`link-${link}`, server.port, 'http'));
      await rig.control.add(`link-${link}`, failureOf('none', { path: '/nowhere' }));
      const all = readAll(client);
      client.end(damaged ? written(whole.join(''), ...damaged) : whole.join(''), 'latin1');
      await all;
      client.destroy();
      while (heard.closed === 0) await new Promise(setImmediate);
      const counters = await rig.control.counters(`link-${link}`, 'none');
      // Once Node has refused a message it hears no more; we may have found more in what came after it.
      if (heard.refused > 0) {
        expect(counters.requests).toBeGreaterThanOrEqual(heard.requests);
      } else {
        read += 1;
        expect(counters).toMatchObject({ requests: heard.requests, unreadableConnections: 0 });
      }
    }),
    { numRuns: 600 },
  );
  expect(read).toBeGreaterThan(100);
});

function written(text: string, where: number, over: string): string {
  const at = Math.floor(where * text.length);
  return text.slice(0, at) + over + text.slice(at + 1);
}

test('is not kept busy by a field with very many blanks', async () => {
  const port = await rig.link('blanks', server.port, 'http');
  await rig.control.add('blanks', failureOf('none', { path: '/nowhere' }));
  const hostile = await dial(port);
  hostile.on('error', () => {});
  hostile.write(`GET / HTTP/1.1\r\nHost: a\r\nX: ${' '.repeat(60_000)}\rb\r\n\r\n`);
  const client = await dial(port);
  const all = readAll(client);
  client.end('GET / HTTP/1.1\r\nHost: a\r\nX: \t y \t\r\nConnection: close\r\n\r\n');
  expect((await all).toString()).toContain('hello');
  hostile.destroy();
});
