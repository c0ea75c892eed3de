import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { becomes } from '../../support/becomes.ts';

const manager = '/usr/lib/systemd/systemd';

/** A systemd of its own, as a user has one, with units of the test's, in control groups of its own. */
export class ServiceManager {
  readonly #home = mkdtempSync(join(tmpdir(), 'chaos-systemd-'));
  readonly #groups = controlGroupTrees().map((tree) => join(tree, basename(this.#home)));
  readonly #process: ChildProcess;
  /** What `systemctl --user` has to be told to reach it. */
  readonly env = { XDG_RUNTIME_DIR: join(this.#home, 'run'), XDG_CONFIG_HOME: join(this.#home, 'config') };

  /** @param units the text of each, by its name */
  constructor(units: Record<string, string>) {
    const folder = join(this.env.XDG_CONFIG_HOME, 'systemd', 'user');
    mkdirSync(this.env.XDG_RUNTIME_DIR, { mode: 0o700 });
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(units)) writeFileSync(join(folder, name), text);
    for (const group of this.#groups) mkdirSync(group);
    // It takes over every process of the group that it is started in, and starts only where it sees systemd at work.
    const start = `for group; do echo $$ > "$group/cgroup.procs"; done
      mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && exec "$0" --user`;
    this.#process = spawn('unshare', ['--mount', 'sh', '-c', start, manager, ...this.#groups], {
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
    for (const group of this.#groups) await becomes(() => removed(group));
    rmSync(this.#home, { recursive: true });
  }
}

/** Where control groups are made: of version 1, each controller that systemd uses; of version 2, the only tree. */
function controlGroupTrees(): string[] {
  const root = '/sys/fs/cgroup';
  if (existsSync(join(root, 'cgroup.procs'))) return [root];
  return readdirSync(root)
    .filter((name) => ['systemd', 'unified', 'pids', 'memory', 'cpu'].includes(name))
    .map((name) => join(root, name));
}

/** @throws while somebody is in it */
function removed(group: string): true {
  for (const { name } of readdirSync(group, { withFileTypes: true }).filter((one) => one.isDirectory()))
    removed(join(group, name));
  rmdirSync(group);
  return true;
}
