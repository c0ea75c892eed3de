import { createClient, ErrorReply } from '@redis/client';
import type { Duration } from '../../model/duration.ts';
import { networkFailure } from '../reasons/network.ts';
import { oneLine } from '../reasons/one-line.ts';
import { openConnections } from './connections.ts';
import { type Database, passwordIn, type Rows, withoutSecret } from './database.ts';

/**
 * @param most connections at once
 * @param timeout how long connecting may take
 * @throws when the URL is none
 */
export function openRedis(url: string, most: number, timeout: Duration): Database<string[]> {
  const make = () => {
    const client = createClient({
      url,
      RESP: 2,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: false, connectTimeout: timeout },
    });
    return {
      client,
      connect: () => client.connect(),
      onBroken: (listener: (why?: Error) => void) => void client.on('error', listener).on('end', () => listener()),
      end: () => client.close(),
      cut: () => {
        if (client.isOpen) client.destroy();
      },
    };
  };
  const { hostname, port } = new URL(url);
  const secret = passwordIn(url);
  const where = `${hostname}:${port || 6379}`;
  const connections = openConnections(make, most);
  return {
    ask: (words, signal) => connections.use(signal, async (client) => rowsOf(await client.sendCommand(words))),
    failure: (error) =>
      withoutSecret(
        error instanceof ErrorReply
          ? { good: false, reason: oneLine(`ERROR: ${error.message}`) }
          : networkFailure(error, where),
        secret,
      ),
    close: () => connections.close(),
  };
}

/** A list has a row an element, however deep what stands in it; nothing has none. */
function rowsOf(reply: unknown): Rows {
  if (reply === null || reply === undefined) return [];
  return Array.isArray(reply) ? reply.map(textsOf) : [[String(reply)]];
}

const textsOf = (value: unknown): (string | null)[] =>
  Array.isArray(value) ? value.flatMap(textsOf) : [value === null || value === undefined ? null : String(value)];
