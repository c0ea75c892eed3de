import type { Socket } from 'node:net';
import { dial, pause } from './dial.ts';
import type { Job, Rate } from './job.ts';

interface Flow {
  socket: Socket;
  bytes(): number;
}

const blockBytes = 1024 * 1024;

export async function bulk(job: Extract<Job, { do: 'read' | 'write' }>): Promise<Rate> {
  const start = job.do === 'read' ? read : write;
  const flows = await Promise.all(Array.from({ length: job.connections }, () => start(job.port)));
  const mark = () => ({ atMs: performance.now(), bytes: flows.reduce((sum, flow) => sum + flow.bytes(), 0) });
  await pause(job.warmMs);
  const marks = [mark()];
  for (let leftMs = job.ms; leftMs > 0; leftMs -= 1000) {
    await pause(Math.min(1000, leftMs));
    marks.push(mark());
  }
  for (const { socket } of flows) socket.destroy();
  const last = marks.at(-1)!;
  return {
    bytesPerSecond: rateBetween(marks[0]!, last),
    seconds: marks.slice(1).map((to, index) => rateBetween(marks[index]!, to)),
    bytes: last.bytes,
  };
}

type Mark = { atMs: number; bytes: number };
const rateBetween = (from: Mark, to: Mark) => ((to.bytes - from.bytes) / (to.atMs - from.atMs)) * 1000;

async function read(port: number): Promise<Flow> {
  let bytes = 0;
  const socket = await dial(port, blockBytes, (part) => {
    bytes += part.length;
  });
  return { socket, bytes: () => bytes };
}

async function write(port: number): Promise<Flow> {
  const socket = await dial(port, 1024, () => {});
  const block = Buffer.alloc(blockBytes);
  const send = () => {
    while (!socket.destroyed && socket.write(block));
  };
  socket.on('drain', send);
  send();
  return { socket, bytes: () => socket.bytesWritten - socket.writableLength };
}
