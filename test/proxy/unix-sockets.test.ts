import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { delayOf, fate, type Rig, read, startRig } from './support/rig.ts';

let rig: Rig;
let folder: string;
let echo: Server;
beforeAll(async () => {
  rig = await startRig();
  folder = mkdtempSync(join(tmpdir(), 'chaos-unix-'));
  echo = createServer({ allowHalfOpen: true }, (socket) => void socket.on('error', () => {}).pipe(socket));
  echo.listen(path('echo'));
  await once(echo, 'listening');
});
afterAll(async () => {
  echo.close();
  await rig.stop();
  rmSync(folder, { recursive: true });
});

const path = (name: string): string => join(folder, name);
const open = (name: string, listen: string, upstream: string): Promise<string> =>
  rig.control.listen({ proxy: name, listen, upstream, protocol: 'tcp' });
async function dial(where: { path: string } | { port: number; host: string }): Promise<Socket> {
  const socket = connect({ ...where, allowHalfOpen: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

describe('a link through Unix sockets', () => {
  it('carries bytes from socket to socket, from port to socket and from socket to port', async () => {
    expect(await open('both', `unix:${path('both')}`, `unix:${path('echo')}`)).toBe(`unix:${path('both')}`);
    const bound = await open('port', '127.0.0.1:0', `unix:${path('echo')}`);
    await open('back', `unix:${path('back')}`, bound);
    const sent = randomBytes(5_000_000);
    const port = Number(bound.split(':').at(-1));
    for (const where of [{ path: path('both') }, { port, host: '127.0.0.1' }, { path: path('back') }]) {
      const client = await dial(where);
      const received = read(client, sent.length);
      client.end(sent);
      const digest = createHash('sha256').update(await received);
      expect(digest.digest('hex')).toBe(createHash('sha256').update(sent).digest('hex'));
      expect(await fate(client)).toBe('ended');
    }
  });

  it('takes faults, and breaks without a reset', async () => {
    await open('faults', `unix:${path('faults')}`, `unix:${path('echo')}`);
    const client = await dial({ path: path('faults') });
    await rig.control.add('faults', delayOf('late', 100));
    const startMs = performance.now();
    client.write('x');
    expect(String(await read(client, 1))).toBe('x');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(99.9);
    await rig.control.add('faults', { id: 'broken', kind: 'reset', settings: { share: 1, seed: 'seed' } });
    await fate(client);
    await rig.control.remove('faults', 'broken');
    const next = await dial({ path: path('faults') });
    next.write('y');
    expect(String(await read(next, 1))).toBe('y');
    next.destroy();
  });

  it('is closed and opened again', async () => {
    await open('closed', `unix:${path('closed')}`, `unix:${path('echo')}`);
    await rig.control.add('closed', { id: 'closed', kind: 'refuse', settings: {} });
    await expect(dial({ path: path('closed') })).rejects.toThrow('ENOENT');
    await rig.control.remove('closed', 'closed');
    const client = await dial({ path: path('closed') });
    client.write('x');
    expect(String(await read(client, 1))).toBe('x');
    client.destroy();
  });

  it('may be connected to by whoever may connect to what is behind it', async () => {
    const modeOf = (name: string): string => (statSync(path(name)).mode & 0o777).toString(8);
    for (const mode of [0o600, 0o755, 0o777]) {
      chmodSync(path('echo'), mode);
      await open(`mode ${mode}`, `unix:${path(`mode-${mode}`)}`, `unix:${path('echo')}`);
      expect(modeOf(`mode-${mode}`)).toBe(mode.toString(8));
    }
    const bound = await open('everybody behind', '127.0.0.1:0', `unix:${path('echo')}`);
    await open('everybody', `unix:${path('everybody')}`, bound);
    expect(modeOf('everybody')).toBe('777');
    await open('nobody yet', `unix:${path('nobody-yet')}`, `unix:${path('not-there')}`);
    expect(modeOf('nobody-yet')).toBe((0o777 & ~process.umask()).toString(8));
  });

  it('lets a program of another user connect if the server lets it, and only then', async (context) => {
    needs(context, 'root');
    chmodSync(folder, 0o755);
    const other = { uid: 65_534, gid: 65_534 };
    const fateOfOther = (name: string): string => {
      const code = `require('net').connect(${JSON.stringify(path(name))}, () => process.exit(0)).on('error', (e) => (console.log(e.code), process.exit(1)))`;
      const { status, stdout } = spawnSync(process.execPath, ['-e', code], { ...other, cwd: '/' });
      return status === 0 ? 'connected' : String(stdout).trim();
    };
    const behind = async (name: string, mode: number, owner: { uid: number; gid: number }): Promise<string> => {
      chmodSync(path('echo'), mode);
      chownSync(path('echo'), owner.uid, owner.gid);
      await open(name, `unix:${path(name)}`, `unix:${path('echo')}`);
      expect(fateOfOther('echo')).toBe(fateOfOther(name));
      return fateOfOther(name);
    };
    const root = { uid: 0, gid: 0 };
    expect(await behind('of-all', 0o777, root)).toBe('connected');
    expect(await behind('of-root', 0o755, root)).toBe('EACCES');
    expect(await behind('of-group', 0o770, { uid: 0, gid: other.gid })).toBe('connected');
    expect(await behind('of-other', 0o700, other)).toBe('connected');
    expect(await behind('of-another', 0o700, { uid: 65_533, gid: 65_533 })).toBe('EACCES');
    chownSync(path('echo'), 0, 0);
  });

  it('leaves a file alone that is there already', async () => {
    writeFileSync(path('file'), 'mine');
    await expect(open('file', `unix:${path('file')}`, `unix:${path('echo')}`)).rejects.toThrow(
      'there is a file of that name already',
    );
    expect(existsSync(path('file'))).toBe(true);
    await expect(open('none', `unix:${path('no/such/folder')}`, '127.0.0.1:1')).rejects.toThrow(
      'its folder is not there',
    );
  });

  it('has no socket any more when the proxy has ended', async () => {
    const other = await startRig();
    const request = { proxy: 'ends', listen: `unix:${path('ends')}`, upstream: `unix:${path('echo')}` };
    await other.control.listen({ ...request, protocol: 'tcp' });
    expect(existsSync(path('ends'))).toBe(true);
    await other.stop();
    expect(existsSync(path('ends'))).toBe(false);
  });
});
