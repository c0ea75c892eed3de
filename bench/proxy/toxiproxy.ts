import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultyContender, Slowness } from './contender.ts';
import { freePorts, startPeer } from './peer.ts';
import { type Ports, roles } from './roles.ts';

/** With its defaults, which let Go use every processor. @throws Absent */
export async function toxiproxy(servers: Ports): Promise<FaultyContender> {
  return {
    ...(await start(servers)),
    // A process for each fault, which no client has used before: its API may answer no more once it is to change the
    // toxics of a connection whose client goes away while bytes flow.
    async slow(role, how) {
      const { api, ports, pid, stop } = await start(servers);
      const answer = await fetch(`http://127.0.0.1:${api}/proxies/${role}/toxics`, {
        method: 'POST',
        body: JSON.stringify(toxicOf(how)),
      });
      if (!answer.ok) throw new Error(`toxiproxy answered ${answer.status}: ${await answer.text()}`);
      return {
        port: ports[role],
        pid,
        async takeBack() {
          await stop();
          return {};
        },
      };
    },
  };
}

async function start(servers: Ports) {
  const { api, ...ports } = await freePorts([...roles, 'api']);
  const configure = (directory: string) => {
    const file = join(directory, 'proxies.json');
    const proxies = roles.map((name) => ({
      name,
      listen: `127.0.0.1:${ports[name]}`,
      upstream: `127.0.0.1:${servers[name]}`,
    }));
    writeFileSync(file, JSON.stringify(proxies));
    return ['-host', '127.0.0.1', '-port', String(api), '-config', file];
  };
  // It listens there last.
  return { api, ...(await startPeer('toxiproxy', ports, 'toxiproxy-server', configure, [api])) };
}

const toxicOf = (how: Slowness) =>
  'latencyMs' in how
    ? { type: 'latency', attributes: { latency: how.latencyMs } }
    : { type: 'bandwidth', attributes: { rate: how.bytesPerSecond / 1000 } };
