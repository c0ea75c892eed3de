import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { promised } from './rig.ts';

/** What everybody says, each from another place on. */
const text = randomBytes(1_000_003);

/**
 * One end of a connection. It says who it is, in four bytes, and then what only it says; every byte that it hears is
 * compared with what its peer says, as it comes.
 */
export class Talker {
  readonly number: number;
  saidBytes = 4;
  heardBytes = 0;
  #hasEnded = false;
  readonly #socket: Socket;
  readonly #peer = Buffer.alloc(4);
  readonly #end = promised<string | undefined>();

  constructor(socket: Socket, number: number) {
    this.number = number;
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#hear(bytes));
    socket.once('end', () => this.#end.resolve(undefined));
    socket.once('error', (error) => this.#end.resolve(`${error}`));
    socket.once('close', () => this.#end.resolve('it was closed without an end'));
    const name = Buffer.alloc(4);
    name.writeUInt32BE(number);
    socket.write(name);
  }

  /** Who was heard. */
  get peer(): number {
    return this.#peer.readUInt32BE();
  }

  /** Resolves when its peer has ended, with what went wrong until then. */
  get end(): Promise<string | undefined> {
    return this.#end.promise;
  }

  say(bytes: number): void {
    if (this.#hasEnded) return;
    this.#socket.write(speech(this.number, this.saidBytes, bytes));
    this.saidBytes += bytes;
  }

  finish(): void {
    this.#hasEnded = true;
    this.#socket.end();
  }

  rest(): void {
    this.#socket.pause();
  }

  goOn(): void {
    this.#socket.resume();
  }

  leave(): void {
    this.#socket.destroy();
  }

  #hear(bytes: Buffer): void {
    const named = bytes.copy(this.#peer, Math.min(this.heardBytes, 4));
    const said = bytes.subarray(named);
    const from = this.heardBytes + named;
    this.heardBytes += bytes.length;
    if (!said.equals(speech(this.peer, from, said.length)))
      this.#end.resolve(`what ${this.number} heard of ${this.peer} from byte ${from} on is not what was said`);
  }
}

/** So many bytes of what somebody says. */
function speech(number: number, from: number, bytes: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = from + number * 7919, left = bytes; left > 0; ) {
    const part = text.subarray(at % text.length).subarray(0, left);
    parts.push(part);
    at += part.length;
    left -= part.length;
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
