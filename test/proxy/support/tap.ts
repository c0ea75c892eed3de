import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A packet of TCP as the kernel saw it. */
export interface Packet {
  /** Since the epoch, to the microsecond, on the clock of `Date.now()`. */
  atMs: number;
  from: number;
  to: number;
  /** As tcpdump writes them: `S`, `F`, `R`, `P`, and `.` for an acknowledgement. */
  flags: string;
  /** Of its payload. */
  bytes: number;
  /** How much has been sent up to its end. */
  sentBytes: number;
  /** How much its sender has received. */
  ackedBytes: number;
}

/** What stands on the wire on both sides of a link, while it is there. */
export interface Tap {
  fromClient(): Packet[];
  toClient(): Packet[];
  fromServer(): Packet[];
  toServer(): Packet[];
  /** Waits until it is so, looking again at each packet. */
  until(isSo: () => boolean): Promise<void>;
}

/**
 * Listens to the two ports of a link, that of the proxy and that of the server behind it, with tcpdump.
 * @param onEnd is told how it is ended
 */
export async function tap(ports: { proxy: number; server: number }, onEnd: (end: () => void) => void): Promise<Tap> {
  const filter = `tcp and (port ${ports.proxy} or port ${ports.server})`;
  const tcpdump = spawn('tcpdump', ['-i', 'lo', '-n', '-tt', '-l', '--immediate-mode', '-s', '96', filter], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onEnd(() => tcpdump.kill());
  const packets: Packet[] = [];
  const lookers = new Set<() => void>();
  createInterface({ input: tcpdump.stdout }).on('line', (line) => {
    if (line === '') return; // its last
    packets.push(parsePacket(line));
    for (const look of lookers) look();
  });
  await listening(tcpdump);
  const between = (from: 'from' | 'to', port: number) => () => packets.filter((packet) => packet[from] === port);
  return {
    fromClient: between('to', ports.proxy),
    toClient: between('from', ports.proxy),
    fromServer: between('from', ports.server),
    toServer: between('to', ports.server),
    until: (isSo) =>
      new Promise((resolve) => {
        const look = () => {
          if (!isSo()) return;
          lookers.delete(look);
          resolve();
        };
        lookers.add(look);
        look();
      }),
  };
}

/** Those of one connection, in one direction, that bring bytes; what is only sent again, because an acknowledgement came late, is not. */
export function data(packets: Packet[]): Packet[] {
  let sent = 0;
  return packets.filter(({ bytes, sentBytes }) => {
    const isNew = bytes > 0 && sentBytes > sent;
    sent = Math.max(sent, sentBytes);
    return isNew;
  });
}

/** The first with that flag. */
export const flagged = (packets: Packet[], flag: 'S' | 'F' | 'R'): Packet | undefined =>
  packets.find(({ flags }) => flags.includes(flag));

function listening(tcpdump: ChildProcessByStdio<null, Readable, Readable>): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    tcpdump.stderr.on('data', (bytes) => {
      said += String(bytes);
      if (said.includes('listening on')) resolve();
    });
    tcpdump.once('close', () => reject(new Error(`tcpdump does not listen: ${said}`)));
  });
}

/** `1795844755.199108 IP 127.0.0.1.33028 > 127.0.0.1.39077: Flags [P.], seq 1:65, ack 1, …, length 64` */
const shape =
  /^([\d.]+) IP [\d.]+\.(\d+) > [\d.]+\.(\d+): Flags \[(\S+)\],(?: seq (\d+)(?::(\d+))?,)?(?: ack (\d+),)?.* length (\d+)$/;

function parsePacket(line: string): Packet {
  const match = shape.exec(line);
  if (!match) throw new Error(`tcpdump wrote what is no packet: ${line}`);
  const [seconds, from, to, , first, last, acked, bytes] = match.slice(1).map(Number);
  // The beginning of a connection has numbers of its own; from then on tcpdump counts from 1.
  const [sent, received] = match[4]!.includes('S') ? [1, 1] : [last || first || 1, acked || 1];
  return {
    atMs: seconds! * 1000,
    from: from!,
    to: to!,
    flags: match[4]!,
    bytes: bytes!,
    sentBytes: sent - 1,
    ackedBytes: received - 1,
  };
}
