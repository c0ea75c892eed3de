/** A connection to a database, and how it is ended at once, whatever it is doing. */
export interface Connection<C> {
  client: C;
  connect(): Promise<unknown>;
  /** Tells once or more that it is of no use any more. */
  onBroken(listener: (why?: Error) => void): void;
  end(): Promise<unknown>;
  cut(): void;
}

/** A pool whose members can be taken away from a server that does not answer. */
export interface Connections<C> {
  /** Lends a connection. An error, and `signal`, end it; otherwise it is kept for the next. */
  use<T>(signal: AbortSignal, work: (client: C) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const lost = (): Error => Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });

/** @param most connections at once; who comes then waits in a queue */
export function openConnections<C>(make: () => Connection<C>, most: number): Connections<C> {
  const idle: Connection<C>[] = [];
  const inUse = new Set<Connection<C>>();
  const givingUp = new Map<Connection<C>, (why: unknown) => void>();
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

  function makeOne(): Connection<C> {
    const fresh = make();
    // An idle connection that breaks is forgotten; one that breaks at work fails its work as well.
    fresh.onBroken((why) => drop(fresh, why));
    return fresh;
  }

  function drop(connection: Connection<C>, why: unknown = lost()): void {
    connection.cut();
    // What was asked of it may know better why.
    const giveUp = givingUp.get(connection);
    if (giveUp) setImmediate(giveUp, why);
    inUse.delete(connection);
    const at = idle.indexOf(connection);
    if (at >= 0) idle.splice(at, 1);
    nextInQueue();
  }

  async function ask<T>(connection: Connection<C>, isFresh: boolean, work: (client: C) => Promise<T>): Promise<T> {
    if (isFresh) await connection.connect();
    return await work(connection.client);
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
      const onAbort = () => drop(connection, signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      const givenUp = new Promise<never>((_, reject) => givingUp.set(connection, reject));
      try {
        // A connection that was cut may tell nobody.
        const result = await Promise.race([givenUp, ask(connection, !kept, work)]);
        inUse.delete(connection);
        idle.push(connection);
        nextInQueue();
        return result;
      } catch (error) {
        drop(connection);
        throw error;
      } finally {
        givingUp.delete(connection);
        signal.removeEventListener('abort', onAbort);
      }
    },
    async close() {
      for (const connection of inUse) connection.cut();
      await Promise.allSettled(idle.splice(0).map((connection) => connection.end()));
    },
  };
}
