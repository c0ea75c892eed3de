import { listeners, tcpSocketsInUse } from '../host/listeners.ts';

const everyMs = 20;
/** Where connections come and go all the time, to look at each of them would keep a processor busy. */
const mostOftenMs = 200;

/** By its port, where a listener of this network namespace is reached. */
export type Reached = ReadonlyMap<number, '127.0.0.1' | '::1'>;

/** Tells on which of some ports of this network namespace somebody listens, whenever that changes. */
export function watchListeners(ports: number[], changed: (listening: Reached) => void): void {
  if (ports.length === 0) return;
  let inUse = '';
  let known: Reached = new Map();
  let lookedMs = Number.NEGATIVE_INFINITY;
  setInterval(() => {
    const now = tcpSocketsInUse();
    // Who waits for somebody to listen is told at once.
    if (now === inUse || (known.size === ports.length && performance.now() - lookedMs < mostOftenMs)) return;
    inUse = now;
    lookedMs = performance.now();
    const listening = reached(ports);
    if (String([...listening]) === String([...known])) return;
    known = listening;
    changed(listening);
  }, everyMs);
}

/** Those on IPv4 first: a socket of IPv6 mostly takes both. */
function reached(ports: number[]): Reached {
  const all = listeners();
  return new Map(
    ports.flatMap((port) => {
      const families = all.flatMap((one) => (one.port === port ? [one.family] : []));
      return families.length === 0 ? [] : [[port, families.includes(4) ? '127.0.0.1' : '::1']];
    }),
  );
}
