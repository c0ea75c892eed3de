import { setTimeout as delay } from 'node:timers/promises';
import type { StressWork } from '../../model/stress-work.ts';
import type { Report } from '../report.ts';
import { type DatabaseServer, type OpenSession, serverOf } from './server.ts';

const atOnce = 10;
const forgottenMs = 50;

/**
 * Holds connections: so many, or all that there are.
 * @returns once they are held
 */
export async function holdConnections(
  { server: kind, url, connections }: Extract<StressWork, { kind: 'database-connections' }>,
  deadlineMs: number | undefined,
): Promise<Report> {
  const server = await serverOf(kind);
  const held: OpenSession[] = [];
  const wanted = connections === 'all' ? Number.POSITIVE_INFINITY : connections;
  for (let together = atOnce; together > 0 && held.length < wanted; ) {
    const batch = Array.from({ length: Math.min(together, wanted - held.length) }, () =>
      server.connect(url, deadlineMs),
    );
    const answers = await Promise.allSettled(batch);
    for (const one of answers) {
      if (one.status === 'fulfilled') held.push(one.value);
      else if (!server.isFull(one.reason)) throw one.reason;
    }
    if (answers.every(({ status }) => status === 'fulfilled')) continue;
    // Those that it refuses count with a server until it has forgotten them: only who comes alone knows that it is full.
    const wasAlone = together === 1;
    together = wasAlone ? 0 : 1;
    if (!wasAlone) await delay(forgottenMs);
  }
  if (held.length === 0) throw new Error('the server takes no more connections already');
  return async () => ({
    held: held.filter((session) => session.isOpen()).length,
    refused: (await isRefused(server, url)) ? 1 : 0,
  });
}

async function isRefused(server: DatabaseServer, url: string): Promise<boolean> {
  try {
    await (await server.connect(url)).end();
    return false;
  } catch (error) {
    return server.isFull(error);
  }
}
