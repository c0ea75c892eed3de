import type { StressWork } from '../../model/stress-work.ts';
import type { Report } from '../report.ts';
import { type DatabaseServer, type OpenSession, serverOf } from './server.ts';

const atOnce = 10;

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
  let isFull = false;
  while (held.length < wanted && !isFull) {
    const batch = Array.from({ length: Math.min(atOnce, wanted - held.length) }, () => server.connect(url, deadlineMs));
    for (const one of await Promise.allSettled(batch)) {
      if (one.status === 'fulfilled') held.push(one.value);
      else if (server.isFull(one.reason)) isFull = true;
      else throw one.reason;
    }
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
