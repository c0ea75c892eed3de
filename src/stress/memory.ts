import { totalmem } from 'node:os';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type { StressWork } from '../model/stress-work.ts';

const pieceBytes = 4 * 1024 * 1024;
const held: Buffer[] = [];

/** Touches every page, so that the kernel really gives it. @returns once all of it is taken */
export async function takeMemory(work: Extract<StressWork, { kind: 'memory' }>): Promise<void> {
  const { rampMs } = work;
  const bytes = work.bytes ?? Math.round((work.share ?? 0) * totalmem());
  const beganMs = performance.now();
  for (let taken = 0; taken < bytes; taken += pieceBytes) {
    // Not zeros: those the kernel could share or compress away.
    held.push(Buffer.allocUnsafeSlow(Math.min(pieceBytes, bytes - taken)).fill(randomBlock));
    const dueMs = beganMs + (rampMs * taken) / bytes;
    // Also without a ramp the event loop gets its turn: it hears of the runner's death.
    const leftMs = dueMs - performance.now();
    await (leftMs > 0 ? delay(leftMs) : turn());
  }
  // Kept: the process lives on its open stdin, and the list is a global.
}

const randomBlock = Buffer.from(Array.from({ length: 4096 }, () => Math.floor(Math.random() * 256)));
