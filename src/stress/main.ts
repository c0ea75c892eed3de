import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { nameProcess } from '../host/name-process.ts';
import { timerMs } from '../model/duration.ts';
import type { StressWork } from '../model/stress-work.ts';
import { burn } from './cpu.ts';
import { holdConnections } from './database/connections.ts';
import { holdLock } from './database/lock.ts';
import { writeOn } from './disk.ts';
import { fill } from './fill.ts';
import { takeMemory } from './memory.ts';
import type { Report } from './report.ts';

/**
 * A process that puts a load on its machine. It says `ready`, reads one line of JSON (`{ work, deadlineMs }`), says
 * `started`, and works until it is ended, its stdin is closed, or the deadline is over: whoever holds the other end of
 * stdin need only die. What it takes is the kernel's to give back: memory, time on processors, and files without a name.
 */
function main(): void {
  nameProcess('chaos-stress');
  preferMeToBeKilled();
  // Ctrl-C reaches every process of the terminal; what it means is the runner's to say.
  process.on('SIGINT', () => undefined);
  process.on('SIGHUP', () => undefined);
  process.on('SIGTERM', () => process.exit(0));
  process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0));
  const lines = createInterface({ input: process.stdin });
  lines.once('line', (line) => {
    const { work, deadlineMs } = JSON.parse(line) as { work: StressWork; deadlineMs?: number };
    if (deadlineMs !== undefined) setTimeout(() => process.exit(0), timerMs(deadlineMs));
    start(work, deadlineMs).then((report) => {
      lines.on('line', () => report().then(tell, giveUp));
      process.stdout.write('started\n');
    }, giveUp);
  });
  process.stdout.write('ready\n');
}

/** Every further line on stdin is answered by one with figures. */
const tell = (figures: Record<string, number>): void => void process.stdout.write(`${JSON.stringify(figures)}\n`);

function giveUp({ message }: Error): void {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** Resolves when the load is on. */
async function start(work: StressWork, deadlineMs: number | undefined): Promise<Report> {
  switch (work.kind) {
    case 'cpu':
      return burn(work).then(() => nothing);
    case 'memory':
      return takeMemory(work).then(() => nothing);
    case 'disk':
      return writeOn(work).then(() => nothing);
    case 'fill':
      return fill(work).then(() => nothing);
    case 'database-lock':
      return await holdLock(work, deadlineMs);
    case 'database-connections':
      return await holdConnections(work, deadlineMs);
  }
}

/** What it took, the kernel says. */
const nothing: Report = async () => ({});

/** When memory runs out, this has to be what the kernel ends, and not what is being tested. */
function preferMeToBeKilled(): void {
  writeFileSync('/proc/self/oom_score_adj', '1000');
}

main();
