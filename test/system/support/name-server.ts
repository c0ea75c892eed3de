import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TwoHosts } from './two-hosts.ts';

const records = [
  '--address=/example.com/10.1.1.1',
  '--address=/example.com/fd01::1',
  '--host-record=other.test,10.2.2.2,fd02::2',
  '--txt-record=other.test,first,second',
  '--mx-host=other.test,mail.other.test,10',
  ...Array.from(
    { length: 60 },
    (_, number) => `--txt-record=large.test,number ${number} of many that fill more than a datagram`,
  ),
];

/** A dnsmasq on host b, at fd99::2 and at 10.99.0.2, which host a is configured to ask. */
export class NameServer {
  readonly #process: ChildProcess;
  readonly #configuration: string;

  private constructor(process: ChildProcess, configuration: string) {
    this.#process = process;
    this.#configuration = configuration;
  }

  static async start(hosts: TwoHosts): Promise<NameServer> {
    const { a, b } = hosts;
    for (const [host, address] of [
      [a, 'fd99::1/64'],
      [b, 'fd99::2/64'],
    ] as const)
      execFileSync('ip', ['-n', host, 'addr', 'add', address, 'dev', hosts.device(host), 'nodad']);
    const configuration = join('/etc/netns', a);
    mkdirSync(configuration, { recursive: true });
    writeFileSync(join(configuration, 'resolv.conf'), 'nameserver 10.99.0.2\noptions attempts:1 timeout:1\n');
    const options = ['--keep-in-foreground', '--conf-file=/dev/null', '--pid-file', '--user=root', '--log-facility=-'];
    const here = ['--no-resolv', '--no-hosts', '--bind-interfaces', '--listen-address=10.99.0.2,fd99::2', '--port=53'];
    const argv = ['netns', 'exec', b, 'dnsmasq', ...options, ...here, ...records];
    const child = spawn('ip', argv, { stdio: ['ignore', 'ignore', 'pipe'] });
    await once(child.stderr, 'data'); // it says that it started
    child.stderr.resume();
    return new NameServer(child, configuration);
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGKILL');
    rmSync(this.#configuration, { recursive: true, force: true });
  }
}
