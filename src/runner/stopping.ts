/** The run is to end before its time: a signal, a safeguard, `chaos stop`. Everything is undone, and it is told as aborted. */
export class RunAborted extends Error {
  override readonly name = 'RunAborted';
}

/** The rest of the timeline is not begun, because something before it failed. The run goes on to its recovery. */
export class TimelineStopped extends Error {
  override readonly name = 'TimelineStopped';
}

/** Waits for the work, but not beyond the signal, which it then rejects with; what the work comes to is nobody's any more. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
