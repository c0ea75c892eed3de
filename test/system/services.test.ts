import { afterAll, beforeAll, describe, it } from 'vitest';
import { identify, processState } from '../../src/host/processes.ts';
import { freePort } from '../proxy/support/server.ts';
import { has, needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';
import { ServiceManager } from './support/service-manager.ts';

let manager: ServiceManager;
let port: number;
const server = `require('node:net').createServer((socket) => socket.end()).listen(process.env.PORT, '127.0.0.1')`;

beforeAll(async () => {
  if (!has('systemd')) return;
  port = await freePort();
  manager = new ServiceManager({
    'shop.service': `[Service]\nEnvironment=PORT=${port}\nExecStart="${process.execPath}" -e "${server}"\n`,
    'idle.service': `[Service]\nExecStart=sleep 600\n`,
  });
  await manager.ready();
  await manager.systemctl('start', 'idle');
});
afterAll(() => manager?.end());

const mainPid = async (unit: string): Promise<number> =>
  Number(await manager.systemctl('show', '--property=MainPID', '--value', unit));

describe.concurrent('a unit of systemd', { timeout: 60_000 }, () => {
  it('is restarted by systemd', async (context) => {
    needs(context, 'systemd');
    await manager.systemctl('start', 'shop');
    const before = await mainPid('shop');
    const day = new GameDay(
      `version: 1
name: The shop is deployed again
targets:
  shop:
    running: { unit: shop.service, user: true, ready: { tcp: "127.0.0.1:${port}", within: 10s } }
steadyState:
  - { id: open, tcp: "127.0.0.1:${port}", every: 50ms }
timeline:
  - { inject: process-restart, target: shop }
`,
      { env: manager.env },
    );
    context.expect(await day.end(), day.stderr).toBe(0);
    const after = await mainPid('shop');
    context.expect(after).toBeGreaterThan(0);
    context.expect(after).not.toBe(before);
    context.expect(identify(before)).toBeUndefined();
  });

  it('is paused until the runner is killed', async (context) => {
    needs(context, 'systemd');
    const identity = identify(await mainPid('idle'))!;
    const day = new GameDay(
      `version: 1
name: Idle
targets: { idle: { running: { unit: idle, user: true } } }
timeline: [{ inject: process-pause, target: idle, for: 60s }]
`,
      { env: manager.env },
    );
    await day.until('injection-in-force');
    context.expect(processState(identity).state).toBe('stopped');
    day.signal('SIGKILL');
    context.expect(await day.untilClean()).toEqual([]);
    context.expect(processState(identity).state).toBe('running');
  });

  it('that is not there is found out before anything is touched', async (context) => {
    needs(context, 'systemd');
    const day = new GameDay(
      `version: 1
name: Nobody
targets: { nobody: { running: { unit: nobody.service, user: true } } }
timeline: [{ inject: process-kill, target: nobody }]
`,
      { env: manager.env },
    );
    context.expect(await day.end(), day.stderr).toBe(4);
    context.expect(day.stderr).toContain('nobody.service has no main process: it is inactive');
  });
});
