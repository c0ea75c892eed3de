import { expect, it } from 'vitest';
import { parseAddress } from '../../src/probes/address.ts';
import { probeKindNamed } from '../../src/probes/registry.ts';
import { promised, serve } from '../proxy/support/rig.ts';
import { closedPort } from './support/http-server.ts';
import { ask, open } from './support/open.ts';

it('is good when the connection is made, and closes it at once', async () => {
  const ended = promised<void>();
  const server = await serve((socket) => {
    socket.once('end', () => ended.resolve()).resume();
  });
  expect(await ask('tcp', { address: `127.0.0.1:${server.port}` })).toEqual({ good: true });
  await ended.promise;
  await server.close();
});

it('says when nothing listens', async () => {
  const address = `127.0.0.1:${await closedPort()}`;
  expect(await ask('tcp', { address })).toEqual({ good: false, reason: `connection refused ${address}` });
});

it('gives up when its time is up', async () => {
  const session = await open('tcp', { address: `127.0.0.1:${await closedPort()}` });
  expect(await session.sample(AbortSignal.abort())).toMatchObject({ good: false });
});

it('reaches IPv6 addresses, which are written in brackets', async () => {
  expect(parseAddress('[::1]:5432')).toEqual({ host: '::1', port: 5432 });
  const server = await serve((socket) => socket.resume(), '::1');
  expect(await ask('tcp', { address: `[::1]:${server.port}` })).toEqual({ good: true });
  await server.close();
});

it('survives a server that resets every connection', async () => {
  const server = await serve((socket) => socket.resetAndDestroy());
  const session = await open('tcp', { address: `127.0.0.1:${server.port}` });
  for (let round = 0; round < 20; round += 1) {
    const answer = await session.sample(new AbortController().signal);
    expect('good' in answer).toBe(true);
  }
  await server.close();
});

it('refuses a port that is none', () => {
  const { refuses } = probeKindNamed('tcp')!;
  expect(refuses!({ address: 'db:70000' } as never, {})).toBe('the port of db:70000 is not one from 1 to 65535');
  expect(refuses!({ address: 'db:5432' } as never, {})).toBeUndefined();
});
