import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { connectProxy, ProxyGone } from '../../src/proxy/client.ts';
import { startProxy } from '../../src/proxy/start.ts';
import { delayOf, dial, ended, fate, proxyEntry, type Rig, read, serve, startRig } from './support/rig.ts';

const rigs: Rig[] = [];
async function rigForThisTest(): Promise<Rig> {
  const rig = await startRig();
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
});

const refuses = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(true));
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
  });

test('when its stdin ends it exits with 0, its connections end, and port and socket are free; signals do not end it', async () => {
  const rig = await rigForThisTest();
  const server = await serve((socket) => void socket.pipe(socket));
  const port = await rig.link('link', server.port);
  const client = await dial(port);
  client.write('x');
  await read(client, 1);
  const end = fate(client);
  const exit = once(rig.child, 'exit');
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) rig.child.kill(signal);
  client.write('y');
  expect(String(await read(client, 1))).toBe('y');
  rig.child.stdin!.end();
  expect(await exit).toEqual([0, null]);
  expect(await end).toBe('ended');
  expect(await refuses(port)).toBe(true);
  expect(existsSync(rig.socketPath)).toBe(false);
  client.destroy();
  await server.close();
});

test('killed with SIGKILL it leaves no port behind, and its control says that it is gone', async () => {
  const rig = await rigForThisTest();
  const server = await serve((socket) => void socket.pipe(socket));
  const port = await rig.link('link', server.port);
  const exit = once(rig.child, 'exit');
  rig.child.kill('SIGKILL');
  await exit;
  expect(await refuses(port)).toBe(true);
  await expect(rig.control.remove('link', 'fault')).rejects.toBeInstanceOf(ProxyGone);
  await expect(connectProxy(rig.socketPath)).rejects.toBeInstanceOf(ProxyGone);
  await server.close();
});

test('Ctrl-C in the terminal is not for the proxy', async () => {
  const rig = await rigForThisTest();
  rig.child.kill('SIGINT');
  rig.child.kill('SIGHUP');
  expect(await rig.control.remove('none', 'none')).toEqual({ inForce: 0 });
  expect(await ended(rig)).toBe(0);
});

test('only its user may speak to it, and another process of that user can', async () => {
  const rig = await rigForThisTest();
  expect(statSync(rig.socketPath).mode & 0o777).toBe(0o600);
  const server = await serve((socket) => void socket.pipe(socket));
  await rig.link('link', server.port);
  await rig.control.add('link', delayOf('slow', 1000));
  const guardian = await connectProxy(rig.socketPath);
  expect(await guardian.remove('link', 'slow')).toMatchObject({ inForce: 0 });
  guardian.close();
  expect(await rig.control.counters('link', 'slow')).toMatchObject({ inForce: 0 });
  await server.close();
});

test('removing twice is harmless, and what was removed cannot come back behind its undo', async () => {
  const rig = await rigForThisTest();
  const server = await serve((socket) => void socket.pipe(socket));
  const client = await dial(await rig.link('link', server.port));
  await rig.control.add('link', delayOf('slow', 1));
  client.write('x');
  await read(client, 1);
  const counters = await rig.control.remove('link', 'slow');
  expect(counters).toMatchObject({ bytes: 1, inForce: 0 });
  expect(await rig.control.remove('link', 'slow')).toEqual(counters);
  expect(await rig.control.remove('link', 'never-was')).toEqual({ inForce: 0 });
  await expect(rig.control.add('link', delayOf('never-was', 1))).rejects.toThrow('it stays removed');
  client.destroy();
  await server.close();
});

test('what cannot be done is refused in one line that says why', async () => {
  const rig = await rigForThisTest();
  const server = await serve((socket) => void socket.pipe(socket));
  const taken = `127.0.0.1:${server.port}`;
  const link = { proxy: 'a', listen: '127.0.0.1:0', upstream: taken, protocol: 'tcp' as const };
  await expect(rig.control.listen({ ...link, listen: taken })).rejects.toThrow(
    `cannot listen on ${taken}: another process uses that port already (EADDRINUSE)`,
  );
  await expect(rig.control.listen({ ...link, upstream: 'nowhere' })).rejects.toThrow('expected host:port');
  await rig.control.listen(link);
  await expect(rig.control.listen(link)).rejects.toThrow('a link "a" is open already');
  await expect(rig.control.add('b', delayOf('slow', 1))).rejects.toThrow('there is no link "b"');
  await expect(rig.control.add('a', delayOf('slow', -1))).rejects.toThrow('latencyMs is -1');
  await expect(rig.control.add('a', { id: 'x', kind: '__proto__', settings: {} })).rejects.toThrow(
    'there is no kind "__proto__" of fault',
  );
  await expect(rig.control.add('a', { id: 'x', kind: 'slow-query', settings: { factor: 2 } })).rejects.toThrow(
    'needs a link with protocol postgres',
  );
  await server.close();
});

test('names like __proto__ are names like any other', async () => {
  const rig = await rigForThisTest();
  const server = await serve((socket) => void socket.pipe(socket));
  await rig.link('__proto__', server.port);
  await rig.control.add('__proto__', delayOf('constructor', 1));
  expect(await rig.control.counters('__proto__', 'constructor')).toMatchObject({ inForce: 1 });
  await server.close();
});

test('rubbish on the control socket is answered and harms nobody', async () => {
  const rig = await rigForThisTest();
  const socket = connect(rig.socketPath);
  await once(socket, 'connect');
  socket.write('rubbish\n[]\n{"id":1,"do":"dance"}\n{"id":2,"do":"add","proxy":"a","fault":7}\n');
  const answers: unknown[] = [];
  for await (const line of createInterface(socket)) if (answers.push(JSON.parse(line)) === 4) break;
  socket.destroy();
  expect(answers).toEqual([
    { id: null, error: 'a request is one JSON object a line' },
    { id: null, error: 'a request is one JSON object a line' },
    { id: 1, error: 'cannot do "dance": expected listen, add, remove or counters' },
    { id: 2, error: '"add" needs a fault with id, kind and settings' },
  ]);
  expect(await rig.control.remove('none', 'none')).toEqual({ inForce: 0 });
});

test('a proxy that cannot come up says why', async () => {
  const rig = await rigForThisTest();
  const socketPath = join(rig.directory, 'no', 'such', 'directory');
  await expect(startProxy({ entry: proxyEntry, socketPath, env: process.env })).rejects.toThrow(
    /exited with 1 before it was ready: cannot listen for control on .*directory/,
  );
});
