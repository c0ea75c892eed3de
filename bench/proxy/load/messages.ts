import type { Socket } from 'node:net';
import { quantile } from '../../measure.ts';
import { dial, pause } from './dial.ts';
import type { Job, Trips } from './job.ts';

type Of<Name extends Job['do']> = Extract<Job, { do: Name }>;

const message = Buffer.alloc(64, 'x');
const request = Buffer.from('GET /work HTTP/1.1\r\nhost: bench\r\naccept: */*\r\n\r\n');
const bodyBytes = 64;

export async function trips(job: Of<'trips'>): Promise<Trips> {
  return await askAll(job, () => askWith(job.port, message, (answer) => answer.length >= message.length));
}

export async function http(job: Of<'http'>): Promise<number> {
  const isWhole = (answer: string) => {
    const head = answer.indexOf('\r\n\r\n');
    return head !== -1 && answer.length >= head + 4 + bodyBytes;
  };
  return (await askAll(job, () => askWith(job.port, request, isWhole))).perSecond;
}

export async function connects({ port, atOnce, count }: Of<'connect'>): Promise<number> {
  let left = count;
  const beganMs = performance.now();
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const { ask, socket } = await askWith(port, message, (answer) => answer.length >= message.length);
      await ask();
      socket.end();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return (count / (performance.now() - beganMs)) * 1000;
}

const held: Socket[] = [];

export async function hold({ port, connections }: Of<'hold'>): Promise<void> {
  for (let count = 0; count < connections; count += 1) {
    const { ask, socket } = await askWith(port, message, (answer) => answer.length >= message.length);
    await ask();
    held.push(socket);
  }
}

export function release(): void {
  for (const socket of held.splice(0)) socket.destroy();
}

/** Nothing spins: a client that burns a processor would take it from the proxy. What is late is sent at once. */
export async function paced({ port, perSecond, ms }: Of<'paced'>): Promise<number[]> {
  const count = (perSecond * ms) / 1000;
  const sentMs: number[] = [];
  const tookMs: number[] = [];
  let bytes = 0;
  let isOver = () => {};
  const all = new Promise<void>((resolve) => {
    isOver = resolve;
  });
  const socket = await dial(port, 64 * 1024, (part) => {
    const nowMs = performance.now();
    bytes += part.length;
    while (tookMs.length < Math.floor(bytes / message.length)) tookMs.push(nowMs - sentMs[tookMs.length]!);
    if (tookMs.length === count) isOver();
  });
  const beganMs = performance.now();
  while (sentMs.length < count) {
    while (sentMs.length < count && (sentMs.length * 1000) / perSecond <= performance.now() - beganMs) {
      sentMs.push(performance.now());
      socket.write(message);
    }
    await pause(1);
  }
  await all;
  socket.destroy();
  return tookMs;
}

async function askAll(job: { connections: number; ms: number }, dialOne: () => Promise<Asking>): Promise<Trips> {
  const asking = await Promise.all(Array.from({ length: job.connections }, dialOne));
  const tookMs: number[] = [];
  const beganMs = performance.now();
  const one = async ({ ask, socket }: Asking) => {
    let nowMs = beganMs;
    while (nowMs < beganMs + job.ms) {
      await ask();
      const afterMs = performance.now();
      tookMs.push(afterMs - nowMs);
      nowMs = afterMs;
    }
    socket.destroy();
  };
  await Promise.all(asking.map(one));
  return { perSecond: (tookMs.length / (performance.now() - beganMs)) * 1000, p50: quantile(tookMs, 0.5) };
}

interface Asking {
  socket: Socket;
  ask(): Promise<void>;
}

async function askWith(port: number, question: Buffer, isWhole: (answer: string) => boolean): Promise<Asking> {
  let answer = '';
  let resolve = () => {};
  const socket = await dial(port, 4096, (part) => {
    answer += Buffer.from(part.buffer, part.byteOffset, part.length).toString('latin1');
    if (!isWhole(answer)) return;
    answer = '';
    resolve();
  });
  const ask = () =>
    new Promise<void>((done) => {
      resolve = done;
      socket.write(question);
    });
  return { socket, ask };
}
