import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiFailure } from '../../src/injectors/api-failure/index.ts';
import { decodeFields } from '../../src/parser/decode.ts';
import { answerDelayOf } from './support/http.ts';
import { onProxy } from './support/on-proxy.ts';
import { type Rig, startRig } from './support/rig.ts';

const same = (bytes: Buffer): Buffer => bytes;
const method = (path: string, isStream: boolean) => ({
  path,
  requestStream: isStream,
  responseStream: isStream,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});
const service = {
  say: method('/shop.Echo/Say', false),
  talk: method('/shop.Echo/Talk', true),
  collect: { ...method('/shop.Echo/Collect', true), responseStream: false },
  count: { ...method('/shop.Echo/Count', false), responseStream: true },
};

let rig: Rig;
const server = new Server();
let serverPort = 0;
let cancelled = 0;
let waiting = 0;

beforeAll(async () => {
  rig = await startRig();
  server.addService(service, {
    say(call: ServerUnaryCall<Buffer, Buffer>, answer: (error: Partial<ServiceError> | null, value?: Buffer) => void) {
      call.on('cancelled', () => {
        cancelled += 1;
      });
      const text = String(call.request);
      if (text === 'wait') {
        waiting += 1;
        return;
      }
      if (text === 'fail') answer({ code: status.NOT_FOUND, details: 'nowhere' });
      else answer(null, call.request);
    },
    talk(call: ServerDuplexStream<Buffer, Buffer>) {
      call.on('data', (said) => call.write(said));
      call.on('end', () => call.end());
    },
    collect(call: ServerReadableStream<Buffer, Buffer>, answer: sendUnaryData<Buffer>) {
      const parts: Buffer[] = [];
      call.on('data', (said) => parts.push(said));
      call.sendMetadata(call.metadata);
      call.on('end', () => answer(null, Buffer.concat(parts), call.metadata));
    },
    count(call: ServerWritableStream<Buffer, Buffer>) {
      call.on('cancelled', () => {
        cancelled += 1;
      });
      let left = Number(call.request);
      const next = () => {
        while (left > 0) {
          left -= 1;
          if (!call.write(Buffer.alloc(100_000, left))) return void call.once('drain', next);
        }
        call.end();
      };
      next();
    },
  });
  serverPort = await new Promise((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
});
afterAll(async () => {
  for (const client of clients) client.close();
  server.forceShutdown();
  await rig.stop();
});

const clients: Client[] = [];
async function open(name: string): Promise<Client> {
  const port = await rig.link(name, serverPort, 'http2');
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  clients.push(client);
  return client;
}

/** Calls once. @returns what came, or the code and details of the failure */
function say(client: Client, text: string, options: { deadline?: number } = {}): Promise<string | [number, string]> {
  return new Promise((resolve) =>
    client.makeUnaryRequest(service.say.path, same, same, Buffer.from(text), options, (error, value) =>
      resolve(error ? [error.code, error.details] : String(value)),
    ),
  );
}

/** Says several things on one stream. @returns what came, and how it ended */
function talk(client: Client, texts: string[]): Promise<{ heard: string[]; code: number }> {
  const call = client.makeBidiStreamRequest(service.talk.path, same, same);
  const heard: string[] = [];
  call.on('data', (said: Buffer) => heard.push(String(said)));
  call.on('error', () => {});
  for (const text of texts) call.write(Buffer.from(text));
  call.end();
  return new Promise((resolve) => call.on('status', ({ code }) => resolve({ heard, code })));
}

test('with nothing injected, calls and streams pass with their statuses, deadlines and cancellation', async () => {
  const client = await open('plain');
  expect(await say(client, 'hello')).toBe('hello');
  expect(await say(client, 'fail')).toEqual([status.NOT_FOUND, 'nowhere']);
  const texts = Array.from({ length: 200 }, (_, index) => `${index} ${'x'.repeat(1000)}`);
  expect(await talk(client, texts)).toEqual({ heard: texts, code: status.OK });
  const before = { waiting, cancelled };
  expect((await say(client, 'wait', { deadline: Date.now() + 1000 }))[0]).toBe(status.DEADLINE_EXCEEDED);
  await expect.poll(() => cancelled).toBe(before.cancelled + 1);
  const call = client.makeUnaryRequest(service.say.path, same, same, Buffer.from('wait'), () => {});
  await expect.poll(() => waiting).toBe(before.waiting + 2);
  call.cancel();
  await expect.poll(() => cancelled).toBe(before.cancelled + 2);
});

test('metadata passes with its bytes and several values, before the answer and after it', async () => {
  const client = await open('metadata');
  const metadata = new Metadata();
  for (const value of ['one', 'two, three']) metadata.add('x-text', value);
  for (const value of [Buffer.from([0, 255, 44]), Buffer.alloc(2000, 7)]) metadata.add('x-bytes-bin', value);
  const sent = [metadata.get('x-text').join(', '), ...metadata.get('x-bytes-bin')];
  const heard = (got: Metadata) => [got.get('x-text').join(', '), ...got.get('x-bytes-bin')];
  const call = client.makeClientStreamRequest(service.collect.path, same, same, metadata, () => {});
  const first = once(call, 'metadata');
  const last = once(call, 'status');
  call.end(Buffer.from('a'));
  expect(heard((await first)[0])).toEqual(sent);
  expect(heard((await last)[0].metadata)).toEqual(sent);
});

test('messages larger than every window pass both ways', async () => {
  const client = await open('large');
  const parts = [3_000_000, 10, 900_000].map((size) => randomBytes(size));
  const collected = await new Promise<Buffer | undefined>((resolve, reject) => {
    const call = client.makeClientStreamRequest(service.collect.path, same, same, (error, value) =>
      error ? reject(error) : resolve(value),
    );
    for (const part of parts) call.write(part);
    call.end();
  });
  expect(collected?.equals(Buffer.concat(parts))).toBe(true);
});

test('a stream that is read slowly comes whole, and one that is cancelled ends at the server', async () => {
  const client = await open('slow');
  const slow = client.makeServerStreamRequest(service.count.path, same, same, Buffer.from('30'));
  const heard: number[] = [];
  for await (const part of slow) {
    heard.push((part as Buffer)[0]!);
    await pause(2);
  }
  expect(heard).toEqual(Array.from({ length: 30 }, (_, index) => 29 - index));
  const before = cancelled;
  const endless = client.makeServerStreamRequest(service.count.path, same, same, Buffer.from('100000'));
  const ended = new Promise<number>((resolve) => endless.on('status', ({ code }) => resolve(code)));
  endless.on('error', () => {}).once('data', () => endless.cancel());
  expect(await ended).toBe(status.CANCELLED);
  await expect.poll(() => cancelled).toBe(before + 1);
});

test('a call that fails at the server fails so when it is delayed, too', async () => {
  const client = await open('nobody');
  await rig.control.add('nobody', answerDelayOf('late', 100));
  const failed = new Promise<ServiceError | null>((resolve) =>
    client.makeUnaryRequest('/shop.Echo/Sing', same, same, Buffer.from('a'), resolve),
  );
  expect(await failed).toMatchObject({ code: status.UNIMPLEMENTED });
  expect(await say(client, 'fail')).toEqual([status.NOT_FOUND, 'nowhere']);
  expect(await rig.control.remove('nobody', 'late')).toMatchObject({ delayedRequests: 2 });
});

test('calls fail with the status that was asked for, streams as well, and the others go on', async () => {
  const client = await open('fails');
  const written = { grpc: 'UNAVAILABLE', rate: '100%', match: { path: '/shop.Echo/Talk' } };
  const injection = onProxy(rig, apiFailure, decodeFields(apiFailure.parameters, written), 'fails', 'step-1');
  await injection.inject();
  expect(await talk(client, ['a', 'b'])).toEqual({ heard: [], code: status.UNAVAILABLE });
  expect(await say(client, 'hello')).toBe('hello');
  expect(await injection.total()).toMatchObject({
    seen: 'seen',
    summary: '1 of 2 requests failed with status UNAVAILABLE (1 matched)',
  });
  await injection.undo();
  expect(await talk(client, ['a', 'b'])).toEqual({ heard: ['a', 'b'], code: status.OK });
});

test('a delayed call misses its deadline', async () => {
  const client = await open('delays');
  await rig.control.add('delays', answerDelayOf('some', 600_000, { path: '/shop.Echo/Say' }));
  expect((await say(client, 'hello', { deadline: Date.now() + 300 }))[0]).toBe(status.DEADLINE_EXCEEDED);
  expect(await talk(client, ['a'])).toEqual({ heard: ['a'], code: status.OK });
});
