import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { secondKernel } from '../../../support/needs.ts';
import { makeArchive } from './archive.ts';

export interface Answer {
  /** Its exit status; or the signal that ended it, or why it was not started. */
  code: number | string;
  stdout: string;
  stderr: string;
}

/**
 * A machine of its own with a kernel that can do more than this one's (netem), run by an emulator: no device of this
 * machine, no network, no disk; what it writes is gone with it. This Node, the built `chaos` (in `/chaos`) and some
 * programs of this machine are there.
 *
 *     test <-- socket --> second serial port <-- lines of JSON --> agent.cjs <--> commands
 */
export class SecondMachine {
  readonly #stage = mkdtempSync(join(tmpdir(), 'chaos-second-kernel-'));
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #emulator: ChildProcess | undefined;
  #socket: Socket | undefined;
  #asked = 0;
  /** What its kernel said. */
  console = '';

  static async boot(): Promise<SecondMachine> {
    const machine = new SecondMachine();
    try {
      await machine.#boot(secondKernel()!);
      return machine;
    } catch (error) {
      machine.end();
      throw error;
    }
  }

  async #boot(kernel: string): Promise<void> {
    const [version] = readdirSync(join(kernel, 'lib/modules'));
    const archive = makeArchive(kernel, version!, this.#stage);
    const port = join(this.#stage, 'port');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, resolve));
    const ready = new Promise<void>((resolve, reject) => {
      server.once('connection', (socket) => {
        this.#socket = socket;
        createInterface({ input: socket }).on('line', (line) => {
          const said = JSON.parse(line) as { ready: true } | ({ id: number } & Answer);
          if ('ready' in said) resolve();
          else this.#waiting.get(said.id)!(said);
        });
      });
      this.#emulator = spawn(
        'setpriv',
        [
          ...['--pdeathsig', 'KILL', 'qemu-system-x86_64'], // it does not outlive the tests, however they end
          ...[
            '-accel',
            'tcg,thread=multi',
            '-cpu',
            'max',
            '-smp',
            '2',
            '-m',
            '1024',
            '-nodefaults',
            '-display',
            'none',
          ],
          ...['-kernel', join(kernel, 'boot', `vmlinuz-${version}`), '-initrd', archive, '-no-reboot'],
          ...['-append', 'console=ttyS0 quiet panic=-1'],
          ...['-serial', 'stdio', '-serial', `unix:${port}`],
        ],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      );
      for (const stream of [this.#emulator.stdout!, this.#emulator.stderr!])
        stream.on('data', (text) => {
          this.console += text;
        });
      this.#emulator.once('error', reject);
      this.#emulator.once('close', () => reject(new Error(`the second kernel ended:\n${this.console}`)));
    });
    await ready.finally(() => server.close());
  }

  /** Runs a program there. */
  ask(...argv: string[]): Promise<Answer> {
    const id = this.#asked++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket!.write(`${JSON.stringify({ id, argv })}\n`);
    });
  }

  /** @returns what it said @throws when it does not succeed */
  async run(...argv: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.ask(...argv);
    if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  }

  end(): void {
    this.#socket?.destroy();
    this.#emulator?.kill('SIGKILL');
    rmSync(this.#stage, { recursive: true, force: true });
  }
}
