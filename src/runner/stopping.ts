/** The run is to end before its time: a signal, a safeguard, `chaos stop`. Everything is undone, and it is told as aborted. */
export class RunAborted extends Error {
  override readonly name = 'RunAborted';
}

/** The rest of the timeline is not begun, because something before it failed. The run goes on to its recovery. */
export class TimelineStopped extends Error {
  override readonly name = 'TimelineStopped';
}
