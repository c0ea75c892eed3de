import { type ChildProcess, spawn } from 'node:child_process';
import { describe, it } from 'vitest';
import { becomes } from '../support/becomes.ts';
import { chaos } from '../support/chaos.ts';
import { needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';
import { TwoHosts } from './support/two-hosts.ts';

/** A game day on a process that was there before. @param steps beside a pause of it, which is undone */
const onSleeper = ({ pid }: ChildProcess, steps: string): string => `version: 1
name: Something stays
targets:
  sleeper: { running: { pid: ${pid} } }
timeline:
  - { inject: process-pause, target: sleeper, for: 100ms }
${steps}
`;

const sleeper = () => spawn('sleep', ['1000'], { stdio: 'ignore' });

describe.concurrent('the proof that nothing is left behind', { timeout: 60_000 }, () => {
  it('is a case of its own in the reports of a run that left nothing', async ({ expect }) => {
    const child = sleeper();
    try {
      const day = new GameDay(onSleeper(child, ''));
      expect(await day.end(), day.stderr).toBe(0);
      const { residue } = day.report();
      expect(residue).toMatchObject({ residue: [], unseen: [] });
      expect(residue!.looked).toContain(`process ${child.pid} of sleeper`);
      expect(residue!.looked).toContain('the processes that it started');
      expect(day.junit()).toMatch(/name="nothing is left behind"[^>]*\/>/);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('finds a process that is stopped and was not before, and a lower limit', async ({ expect }) => {
    const child = sleeper();
    try {
      const day = new GameDay(
        onSleeper(
          child,
          `  - run: [prlimit, --pid, "${child.pid}", "--nofile=77:"]
  - run: [kill, -STOP, "${child.pid}"]`,
        ),
      );
      expect(await day.end(), day.stderr).toBe(5);
      const { residue, reasons } = day.report();
      const who = `pid ${child.pid} (sleep)`;
      expect(residue!.residue).toEqual([
        {
          where: `process ${child.pid} of sleeper`,
          appeared: [`${who} is stopped`, `${who} may open 77 files`],
          vanished: [expect.stringMatching(/may open [0-9]+ files/)],
        },
      ]);
      expect(reasons[0]).toContain(`appeared: ${who} is stopped`);
      expect(day.junit()).toMatch(/name="nothing is left behind"[^>]*>\s*<error/);
      expect(day.stderr).toContain('is stopped');
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('is made by the guardian when the runner was killed', async ({ expect }) => {
    const child = sleeper();
    try {
      const day = new GameDay(
        onSleeper(child, `  - run: [prlimit, --pid, "${child.pid}", "--nofile=77:"]\n  - pause: 60s`),
      );
      await day.until('step-ended', ({ step }) => step.startsWith('run'));
      day.signal('SIGKILL');
      await becomes(() => day.events().some(({ type }) => type === 'run-ended'));
      const { stdout } = await chaos(['report', day.output, '--format', 'json']);
      expect(JSON.parse(stdout).exitCode).toBe(5);
      expect(JSON.parse(stdout).residue.residue[0].appeared).toEqual([`pid ${child.pid} (sleep) may open 77 files`]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('finds rules and queues that were changed under it', async (context) => {
    needs(context, 'root', 'ip', 'nft');
    const hosts = new TwoHosts();
    try {
      await hosts.on(hosts.a, 'nft', 'add table inet theirs; add chain inet theirs lost { counter accept; }');
      const day = new GameDay(`version: 1
name: Rules stay
targets:
  a: { host: { namespace: ${hosts.a} } }
timeline:
  - { inject: network-loss, target: a, with: { rate: 10%, peers: [10.99.0.2] }, for: 100ms }
  - { inject: network-bandwidth, target: a, with: { rate: 1Mbit/s }, for: 100ms }
  - run: [ip, netns, exec, ${hosts.a}, nft, "delete table inet theirs; add table inet found"]
  - run: [ip, netns, exec, ${hosts.a}, tc, qdisc, add, dev, ${hosts.device(hosts.a)}, root, handle, "7:", pfifo, limit, "5"]
`);
      context.expect(await day.end(), day.stderr).toBe(5);
      context.expect(day.report().residue!.residue).toEqual([
        {
          where: `the packet rules of the network namespace ${hosts.a}`,
          appeared: ['table inet found'],
          vanished: [
            'table inet theirs',
            'table inet theirs · chain lost',
            'table inet theirs · chain lost · counter accept',
          ],
        },
        {
          where: `the queues of ${hosts.device(hosts.a)} on the network namespace ${hosts.a}`,
          appeared: [context.expect.stringContaining('qdisc pfifo 7: root')],
          vanished: [context.expect.stringContaining('qdisc')],
        },
      ]);
    } finally {
      hosts.remove();
    }
  });
});
