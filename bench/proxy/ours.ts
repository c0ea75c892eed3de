import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProtocolName } from '../../src/model/protocol.ts';
import type { ProxyControl } from '../../src/proxy/client.ts';
import { startProxy } from '../../src/proxy/start.ts';
import type { FaultyContender, Slowness } from './contender.ts';
import { type Ports, roles } from './roles.ts';

/** The fault proxy, with a link to each server; the link's name is the server's role. */
export interface Ours extends FaultyContender {
  control: ProxyControl;
}

export async function ours(servers: Ports): Promise<Ours> {
  const directory = mkdtempSync(join(tmpdir(), 'chaos-bench-'));
  const { child, control } = await startProxy({
    entry: join('dist', 'proxy.cjs'),
    socketPath: join(directory, 'control'),
    env: process.env,
  });
  const open = async (role: keyof Ports) => {
    const protocol: ProtocolName = role === 'http' ? 'http' : 'tcp';
    const upstream = `127.0.0.1:${servers[role]}`;
    const bound = await control.listen({ proxy: role, listen: '127.0.0.1:0', upstream, protocol });
    return [role, Number(bound.split(':')[1])] as const;
  };
  let made = 0;
  const pid = child.pid!;
  const ports = Object.fromEntries(await Promise.all(roles.map(open))) as unknown as Ports;
  return {
    name: 'ours',
    ports,
    pid,
    control,
    async slow(role, how) {
      made += 1;
      const id = `slow-${made}`;
      await control.add(role, { id, ...faultOf(how, id) });
      return { port: ports[role], pid, takeBack: () => control.remove(role, id) };
    },
    async stop() {
      const exit = once(child, 'exit');
      control.close();
      child.stdin?.end();
      await exit;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const faultOf = (how: Slowness, seed: string) =>
  'latencyMs' in how
    ? {
        kind: 'delay',
        settings: { ...how, jitterMs: 0, distribution: 'uniform', share: 1, direction: 'downstream', seed },
      }
    : { kind: 'bandwidth', settings: { ...how, per: 'link', direction: 'both' } };
