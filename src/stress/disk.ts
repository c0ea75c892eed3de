import { randomFillSync } from 'node:crypto';
import { fdatasync, write } from 'node:fs';
import { promisify } from 'node:util';
import type { StressWork } from '../model/stress-work.ts';
import { openNameless } from './nameless-file.ts';

type DiskWork = Extract<StressWork, { kind: 'disk' }>;

const writeBlock = promisify(write);
const sync = promisify(fdatasync);

/** Begins to write. @returns once every writer has written its first block */
export async function writeOn(work: DiskWork): Promise<void> {
  const block = randomFillSync(Buffer.allocUnsafeSlow(work.blockBytes));
  const writers = Array.from({ length: work.writers }, () => openNameless(work.directory));
  await Promise.all(writers.map((descriptor) => writeOnce(descriptor, block, 0, work)));
  for (const descriptor of writers)
    keepWriting(descriptor, block, work).catch((error: Error) => {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    });
}

async function keepWriting(descriptor: number, block: Buffer, work: DiskWork): Promise<never> {
  const blocks = Math.max(1, Math.floor(work.fileBytes / block.length));
  for (let next = 1; ; next += 1) await writeOnce(descriptor, block, (next % blocks) * block.length, work);
}

async function writeOnce(descriptor: number, block: Buffer, at: number, { sync: isSynced }: DiskWork): Promise<void> {
  await writeBlock(descriptor, block, 0, block.length, at);
  if (isSynced) await sync(descriptor);
}
