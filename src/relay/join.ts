import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Makes one connection of two: bytes, the end of either direction, resets and refusals pass from one to the other.
 * @param accepted as it came from the other half, not read yet
 */
export function joinTo(accepted: Socket, to: { host: string; port: number }): void {
  const onward = connect({ ...to, allowHalfOpen: true, noDelay: true });
  // What came from another process forgot how it was to be.
  accepted.allowHalfOpen = true;
  accepted.setNoDelay(true);
  for (const [one, other] of [
    [accepted, onward],
    [onward, accepted],
  ] as const) {
    one.on('error', () => other.resetAndDestroy());
    one.pipe(other);
  }
}

/** Listens where connections are not read but handed over whole. @throws (as an event) when it cannot */
export function doorway(at: { host: string; port: number }, handOver: (socket: Socket) => void): Server {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, handOver);
  return server.listen(at);
}
