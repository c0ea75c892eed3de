import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** So many different TCP ports of the loopback interface that are free when this returns. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere)); // held until the last is found
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/** On a port that the kernel gives nobody by itself, so that nobody else is given it before it is used. */
async function listenAnywhere(): Promise<Server> {
  const { low, count } = portsByHand();
  for (let left = mostTries; left > 0 && count >= fewestPorts; left -= 1) {
    const server = await listenOn(low + randomInt(count)).catch(() => undefined);
    if (server) return server;
  }
  return await listenOn(0);
}

const mostTries = 20;
const fewestPorts = 1000;
/** Lower ones are better known. */
const lowestPort = 10_240;

/** Below those that the kernel gives to whoever asks for any. @see man 7 ip, ip_local_port_range */
function portsByHand(): { low: number; count: number } {
  let given = 32_768;
  try {
    given = Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10);
  } catch {
    // Another kernel: its range begins higher.
  }
  return { low: lowestPort, count: Math.max(0, given - lowestPort) };
}

function listenOn(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}
