import type { Client } from 'pg';

/** A connection, and how it is ended at once, whatever it is doing. */
export interface Connection {
  client: Client;
  cut(): void;
}

/** A pool whose members can be taken away from a server that does not answer. */
export interface Connections {
  /** Lends a connection. An error, and `signal`, end it; otherwise it is kept for the next. */
  use<T>(signal: AbortSignal, work: (client: Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** @param most connections at once; who comes then waits in a queue */
export function openConnections(make: () => Connection, most: number): Connections {
  const idle: Connection[] = [];
  const inUse = new Set<Connection>();
  const queue: (() => void)[] = [];
  const nextInQueue = () => queue.shift()?.();

  function waitInQueue(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const leave = () => {
        const at = queue.indexOf(leave);
        if (at >= 0) queue.splice(at, 1);
        signal.removeEventListener('abort', leave);
        resolve();
      };
      queue.push(leave);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  function makeOne(): Connection {
    const fresh = make();
    // An idle connection that breaks is forgotten; one that breaks at work fails its work as well.
    fresh.client.on('error', () => drop(fresh));
    fresh.client.on('end', () => drop(fresh));
    return fresh;
  }

  function drop(connection: Connection): void {
    connection.cut();
    inUse.delete(connection);
    const at = idle.indexOf(connection);
    if (at >= 0) idle.splice(at, 1);
    nextInQueue();
  }

  return {
    async use(signal, work) {
      while (idle.length === 0 && inUse.size >= most && !signal.aborted) await waitInQueue(signal);
      if (signal.aborted) {
        nextInQueue(); // it may have been this one's turn
        throw signal.reason;
      }
      const kept = idle.pop();
      const connection = kept ?? makeOne();
      inUse.add(connection);
      const cut = () => drop(connection);
      signal.addEventListener('abort', cut, { once: true });
      try {
        if (!kept) await connection.client.connect();
        const result = await work(connection.client);
        inUse.delete(connection);
        idle.push(connection);
        nextInQueue();
        return result;
      } catch (error) {
        drop(connection);
        throw error;
      } finally {
        signal.removeEventListener('abort', cut);
      }
    },
    async close() {
      for (const connection of inUse) connection.cut();
      await Promise.allSettled(idle.splice(0).map(({ client }) => client.end()));
    },
  };
}
