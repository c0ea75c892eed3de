import { type ChildProcess, spawn } from 'node:child_process';
import type { Server, Socket } from 'node:net';
import { inNewNetwork } from '../host/isolation.ts';
import { parseAddress } from '../proxy/links/address.ts';
import { doorway, joinTo } from './join.ts';
import type { FromInside, FromOutside, RelaySettings } from './message.ts';

/** The half of a relay on the machine's own network, which starts the other one. */
export function serveOutside(settings: RelaySettings, entry: string): void {
  const inside = startInside(settings, entry);
  const onward = settings.reach.map(({ via }) => parseAddress(via)!);
  const doors = new Doors((port, socket) => {
    const message: FromOutside = { says: 'connection', port };
    inside.send(message, socket, () => undefined);
  });
  inside.on('message', (message: FromInside, socket: Socket | undefined) => {
    switch (message.says) {
      case 'ready':
        process.stdout.write(`${inside.pid}\n`);
        return;
      case 'listening':
        doors.openOnly(message.ports);
        return;
      case 'connection':
        if (socket) joinTo(socket, onward[message.place]!);
    }
  });
}

function startInside(settings: RelaySettings, entry: string): ChildProcess {
  const [program, ...argv] = [...inNewNetwork(), process.execPath, entry, 'inside', JSON.stringify(settings)];
  const child = spawn(program!, argv, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], cwd: '/' });
  child.once('error', ({ message }) => end(`${program} could not be started: ${message}`));
  child.once('exit', (code, signal) =>
    end(`its half inside ${signal ? `was ended by ${signal}` : `exited with ${code}`}`),
  );
  return child;
}

/** What is published is open while somebody listens inside: whoever connects when nobody does is refused as ever. */
class Doors {
  readonly #open = new Map<number, Server>();
  readonly #handOver: (port: number, socket: Socket) => void;

  constructor(handOver: (port: number, socket: Socket) => void) {
    this.#handOver = handOver;
  }

  openOnly(ports: number[]): void {
    for (const [port, door] of this.#open)
      if (!ports.includes(port)) {
        door.close();
        this.#open.delete(port);
      }
    for (const port of ports) if (!this.#open.has(port)) this.#open.set(port, this.#at(port));
  }

  #at(port: number): Server {
    const door = doorway({ host: '127.0.0.1', port }, (socket) => this.#handOver(port, socket));
    return door.once('error', ({ message }) => end(`port ${port} cannot be published: ${message}`));
  }
}

/** The runner is told by our end, and why by our last words. */
function end(why: string): void {
  process.stderr.write(`${why}\n`, () => process.exit(1));
}
