import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
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
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #emulator: ChildProcess | undefined;
  #socket: Socket | undefined;
  #asked = 0;

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
    const stage = mkdtempSync(join(tmpdir(), 'chaos-second-kernel-'));
    const [version] = readdirSync(join(kernel, 'lib/modules'));
    const port = join(stage, 'port');
    const server = createServer();
    try {
      const archive = makeArchive(kernel, version!, stage);
      server.listen(port);
      await once(server, 'listening');
      this.#emulator = emulate(join(kernel, 'boot', `vmlinuz-${version}`), archive, port);
      await Promise.race([this.#ready(server), this.#gone(this.#emulator)]);
    } finally {
      server.close();
      rmSync(stage, { recursive: true, force: true });
    }
  }

  /** Resolves when the agent has said its first line. */
  async #ready(server: Server): Promise<void> {
    const [socket] = (await once(server, 'connection')) as [Socket];
    this.#socket = socket;
    const lines = createInterface({ input: socket });
    await once(lines, 'line');
    lines.on('line', (line) => {
      const { id, ...answer } = JSON.parse(line) as { id: number } & Answer;
      this.#waiting.get(id)!(answer);
      this.#waiting.delete(id);
    });
  }

  /** Rejects when it has ended, with what its kernel said. */
  async #gone(emulator: ChildProcess): Promise<never> {
    let said = '';
    for (const stream of [emulator.stdout!, emulator.stderr!])
      stream.on('data', (text) => {
        said += text;
      });
    await once(emulator, 'close');
    throw new Error(`the second kernel ended:\n${said}`);
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
  }
}

/**
 * Without `no_timer_check` its kernel takes an emulator that gets no processor for a broken machine.
 * @param port the socket that its second serial port is
 */
const emulate = (kernel: string, archive: string, port: string): ChildProcess =>
  spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL'], // it does not outlive the tests, however they end
      ...['qemu-system-x86_64', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '1024'],
      ...[
        '-kernel',
        kernel,
        '-initrd',
        archive,
        '-append',
        'console=ttyS0 quiet panic=-1 no_timer_check',
        '-no-reboot',
      ],
      ...['-nodefaults', '-display', 'none', '-serial', 'stdio', '-serial', `unix:${port}`],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
