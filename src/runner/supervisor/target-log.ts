import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { MaskedStream } from '../../host/secrets.ts';

const fileCapBytes = 8 * 1024 * 1024;
const lastBytes = 4096;

/** What a target prints: in a file up to a cap, and its last words in memory. */
export class TargetLog {
  readonly #descriptor: number;
  #written = 0;
  #last = Buffer.alloc(0);
  #closed = false;

  constructor(file: string) {
    this.#descriptor = openSync(file, 'w', 0o644);
  }

  follow(child: ChildProcess): void {
    for (const stream of [child.stdout, child.stderr]) {
      const mask = new MaskedStream();
      stream?.on('data', (chunk: Buffer) => this.#add(mask.add(chunk)));
      stream?.once('end', () => this.#add(mask.end()));
    }
  }

  lastOutput(): string {
    return this.#last.toString('utf8');
  }

  close(): void {
    if (!this.#closed) closeSync(this.#descriptor);
    this.#closed = true;
  }

  #add(chunk: Buffer): void {
    const end = Buffer.concat([this.#last, chunk.subarray(-lastBytes)]);
    this.#last = Buffer.from(end.subarray(Math.max(0, end.length - lastBytes)));
    if (this.#closed || this.#written >= fileCapBytes) return;
    this.#written += chunk.length;
    const note = this.#written >= fileCapBytes ? `\n… no more is kept after ${fileCapBytes} bytes …\n` : '';
    try {
      writeSync(this.#descriptor, Buffer.concat([chunk, Buffer.from(note)]));
    } catch {
      // A full disk may be the very fault that is injected: what a target prints is worth no run.
      this.#written = fileCapBytes;
    }
  }
}
