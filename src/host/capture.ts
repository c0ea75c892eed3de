import type { Readable } from 'node:stream';
import type { CapturedOutput } from '../model/command.ts';
import { MaskedStream } from './secrets.ts';

/** Keeps the beginning and the end of a stream within a cap, whatever its length: 30 MB of output cost `capBytes`. */
export class Capture {
  readonly #halfBytes: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #droppedBytes = 0;
  #rest: MaskedStream | undefined;

  constructor(capBytes: number) {
    this.#halfBytes = Math.floor(capBytes / 2);
  }

  /** @returns once the stream has closed */
  read(stream: Readable): Promise<void> {
    const mask = new MaskedStream();
    stream.on('data', (chunk: Buffer) => this.add(mask.add(chunk)));
    this.#rest = mask;
    return new Promise((resolve) => {
      stream.once('close', resolve);
      stream.once('error', () => resolve());
    });
  }

  add(chunk: Buffer): void {
    const room = this.#halfBytes - this.#headBytes;
    if (room > 0) {
      const part = chunk.subarray(0, room);
      this.#head.push(part);
      this.#headBytes += part.length;
    }
    const rest = chunk.subarray(Math.max(room, 0));
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailBytes += rest.length;
    if (this.#tailBytes > 2 * this.#halfBytes) this.#trim();
  }

  output(): CapturedOutput {
    if (this.#rest) this.add(this.#rest.end());
    this.#trim();
    const head = Buffer.concat(this.#head).toString('utf8');
    const tail = Buffer.concat(this.#tail).toString('utf8');
    const truncatedBytes = this.#droppedBytes;
    return {
      text: truncatedBytes ? `${head}\n… ${truncatedBytes} bytes left out …\n${tail}` : head + tail,
      truncatedBytes,
    };
  }

  #trim(): void {
    const excess = this.#tailBytes - this.#halfBytes;
    if (excess <= 0) return;
    // Copied, so that the large chunks it was cut from can be freed.
    this.#tail = [Buffer.from(Buffer.concat(this.#tail).subarray(excess))];
    this.#tailBytes -= excess;
    this.#droppedBytes += excess;
  }
}
