import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { becomes } from '../support/becomes.ts';
import { chaos } from '../support/chaos.ts';
import { GameDay } from './support/game-day.ts';
import { Hold } from './support/hold.ts';

/* Game days on a link that listens on a Unix socket, before a server that listens on another. */

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chaos-unix-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const echo = "require('node:net').createServer((socket) => socket.pipe(socket)).listen(process.argv[1])";
const scenario = (name: string, steps: string): string => `version: 1
name: Beside each other
targets:
  server:
    process:
      command: [node, -e, ${JSON.stringify(echo)}, "${join(folder, `${name}.server`)}"]
      ready: { command: [test, -S, "${join(folder, `${name}.server`)}"] }
  link: { proxy: { listen: "unix:${join(folder, name)}", upstream: "unix:${join(folder, `${name}.server`)}" } }
timeline:
${steps}
`;
const held = (name: string): string => scenario(name, '  - { inject: network-delay, target: link, for: 60s }');

/** How long the echo of a byte takes. */
const roundTripMs = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const startMs = performance.now();
    const socket = connect(path, () => socket.write('x'));
    socket.once('error', reject).once('end', () => reject(new Error('it ended without an answer')));
    socket.once('data', () => {
      resolve(performance.now() - startMs);
      socket.destroy();
    });
  });

describe.concurrent('a link on a Unix socket', () => {
  it('is slow while it is to be, and is gone after the run', async ({ expect }) => {
    const hold = new Hold();
    const day = new GameDay(scenario('slow', hold.steps('network-delay, target: link, with: { latency: 300ms }')));
    await day.until('injection-in-force');
    expect(await roundTripMs(join(folder, 'slow'))).toBeGreaterThanOrEqual(299.9);
    hold.finish();
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().injections[0]).toMatchObject({ gone: true, effect: { seen: 'seen' } });
    expect(day.report().residue).toMatchObject({ residue: [], unseen: [] });
    expect(existsSync(join(folder, 'slow'))).toBe(false);
  });

  it('is gone when the runner was killed', async ({ expect }) => {
    const day = new GameDay(held('killed'));
    await day.until('injection-in-force');
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    await becomes(() => !existsSync(join(folder, 'killed')));
  });

  it('is gone when runner and proxy were killed', async ({ expect }) => {
    const day = new GameDay(held('both'));
    const proxy = await day.helper('chaos-proxy');
    await day.until('injection-in-force');
    process.kill(day.pid, 'SIGSTOP'); // so that it does nothing about the other
    process.kill(proxy, 'SIGKILL');
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    await becomes(() => !existsSync(join(folder, 'both')));
  });

  it('is gone after chaos recover when all of us were killed', async ({ expect }) => {
    const day = new GameDay(held('all'));
    const [proxy, guardian] = [await day.helper('chaos-proxy'), await day.helper('chaos-guardian')];
    await day.until('injection-in-force');
    process.kill(day.pid, 'SIGSTOP');
    for (const pid of [guardian, proxy]) process.kill(pid, 'SIGKILL');
    day.signal('SIGKILL');
    await day.end();
    expect(existsSync(join(folder, 'all'))).toBe(true);
    const { exitCode, stdout, stderr } = await chaos(['recover'], { env: { XDG_STATE_HOME: day.place } });
    expect(exitCode, stdout + stderr).toBe(0);
    expect(existsSync(join(folder, 'all'))).toBe(false);
    expect(await day.untilClean()).toEqual([]);
  });
});
