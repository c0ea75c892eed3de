import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { becomes } from '../../support/becomes.ts';

const manager = '/usr/lib/systemd/systemd';

/** A systemd of its own, as a user has one, with units of the test's. Nothing but its control groups is the machine's. */
export class ServiceManager {
  readonly #home = mkdtempSync(join(tmpdir(), 'chaos-systemd-'));
  readonly #process: ChildProcess;
  /** What `systemctl --user` has to be told to reach it. */
  readonly env = { XDG_RUNTIME_DIR: join(this.#home, 'run'), XDG_CONFIG_HOME: join(this.#home, 'config') };

  /** @param units the text of each, by its name */
  constructor(units: Record<string, string>) {
    const folder = join(this.env.XDG_CONFIG_HOME, 'systemd', 'user');
    mkdirSync(this.env.XDG_RUNTIME_DIR, { mode: 0o700 });
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(units)) writeFileSync(join(folder, name), text);
    // It starts only where it sees that systemd is at work.
    const start = 'mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && exec "$0" --user';
    this.#process = spawn('unshare', ['--mount', 'sh', '-c', start, manager], {
      env: { ...process.env, ...this.env, HOME: this.#home },
      stdio: 'ignore',
    });
  }

  async ready(): Promise<void> {
    await becomes(() => existsSync(join(this.env.XDG_RUNTIME_DIR, 'systemd', 'private')));
  }

  /** @returns what it prints */
  async systemctl(...argv: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('systemctl', ['--user', ...argv], {
      env: { ...process.env, ...this.env },
    });
    return stdout.trim();
  }

  async end(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
    rmSync(this.#home, { recursive: true });
    // It leaves the control group that it was in itself; that of another manager is not empty.
    for (const tree of readdirSync('/sys/fs/cgroup'))
      try {
        rmdirSync(join('/sys/fs/cgroup', tree, 'init.scope'));
      } catch {
        // not there, or in use
      }
  }
}
