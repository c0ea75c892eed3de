import type { Socket } from 'node:net';
import type { Item } from '../flow/item.ts';
import type { Receiver } from '../flow/stage.ts';
import type { Traffic } from './traffic.ts';

/** The end of a direction: what flows there becomes bytes, FIN or RST on a socket. */
export class SocketSink implements Receiver {
  readonly #socket: Socket;
  readonly #traffic: Traffic;
  readonly #onChange: () => void;
  readonly #onClose: () => void;

  /**
   * @param on.onChange called when something was taken, and when the socket has sent all that it had
   * @param on.onClose called when the connection is to end here, both ways
   */
  constructor(socket: Socket, traffic: Traffic, { onChange, onClose }: { onChange(): void; onClose(): void }) {
    this.#socket = socket;
    this.#traffic = traffic;
    this.#onChange = onChange;
    this.#onClose = onClose;
    socket.on('drain', onChange);
  }

  /** What the socket has not handed to the kernel yet: its peer does not read. */
  get unsentBytes(): number {
    return this.#socket.destroyed ? 0 : this.#socket.writableLength;
  }

  take(item: Item): void {
    if (item.kind === 'close') this.#onClose();
    else if (!this.#socket.destroyed) this.#send(item);
    this.#onChange();
  }

  /** For when it is so little that the socket would not say it. */
  tellWhenSent(): void {
    if (!this.#socket.writableNeedDrain) this.#socket.write(nothing, this.#onChange);
  }

  #send(item: Exclude<Item, { kind: 'close' }>): void {
    if (item.kind === 'bytes') this.#write(item.bytes);
    else if (item.kind === 'end') this.#end();
    else reset(this.#socket);
  }

  /** Not before all is sent: until then it can still be reset. */
  #end(): void {
    if (this.unsentBytes === 0) this.#socket.end();
    else this.#socket.write(nothing, () => this.#socket.end());
  }

  #write(bytes: Buffer): void {
    this.#traffic.sentBytes += bytes.length;
    this.#socket.write(bytes);
  }
}

/**
 * Ends a connection in order: what was sent arrives, and then the end. It is still read until its peer has ended too, or for
 * a while: a socket that is closed over unread bytes is reset, and its peer loses what was sent last.
 */
export function finish(socket: Socket): void {
  if (socket.destroyed) return;
  socket.end();
  const timer = setTimeout(() => socket.destroySoon(), lingerMs).unref();
  socket.once('close', () => clearTimeout(timer));
}

/** Who goes on talking by then without hearing the end is reset. */
const lingerMs = 1000;

/** Ends a connection as a crash would: with RST. One that is not made yet is given up. */
export function reset(socket: Socket): void {
  if (socket.destroyed) return;
  const isEnding = socket.writableEnded && !socket.writableFinished; // libuv resets no socket that waits for its FIN
  if (isEnding && socket.writableLength === 0 && !socket.connecting) socket.once('finish', () => reset(socket));
  else if (isEnding) socket.destroy();
  else if (isUnix(socket))
    socket.destroy(); // knows no reset: its peer sees the end, or what it writes fails
  else {
    socket.resetAndDestroy();
    // That waits for a connection that is being made. If it is made already, which we hear in this turn, its peer may know of it.
    if (socket.connecting) setImmediate(() => socket.destroy());
  }
}

/** Those over TCP say how they could be asked for their address, even when it is gone. */
const isUnix = (socket: Socket): boolean => {
  const { _handle: handle } = socket as unknown as { _handle?: { getpeername?: unknown } | null };
  return handle != null && handle.getpeername === undefined;
};

const nothing = Buffer.alloc(0);
