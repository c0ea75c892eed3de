import { mkdtempSync, rmSync } from 'node:fs';
import { describe, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';

const gameDay = (appendOnly: 'yes' | 'no'): string => `version: 1
name: Redis is killed
parameters:
  port: { type: port, default: auto }
  folder: { type: string }
targets:
  redis:
    process:
      command: [redis-server, --port, "\${port}", --bind, "127.0.0.1", --dir, "\${folder}", --save, "", --appendonly, "${appendOnly}", --appendfsync, always]
      ready: { redis: "redis://127.0.0.1:\${port}" }
      restart: { delay: 200ms }
steadyState:
  - { id: answers, redis: { url: "redis://127.0.0.1:\${port}", command: [PING] }, every: 200ms, timeout: 2s, expect: { value: PONG } }
  - id: orders
    every: 200ms
    timeout: 2s
    ledger:
      write: { redis: { url: "redis://127.0.0.1:\${port}", command: [RPUSH, orders, "\${entry}"] } }
      read: { redis: { url: "redis://127.0.0.1:\${port}", command: [LRANGE, orders, "0", "-1"] }, ordered: true, every: 200ms }
  - id: visits
    every: 200ms
    timeout: 2s
    counter:
      write: { redis: { url: "redis://127.0.0.1:\${port}", command: [INCR, visits] } }
      read: { redis: { url: "redis://127.0.0.1:\${port}", command: [GET, visits] } }
  - id: leader
    every: 200ms
    timeout: 2s
    register:
      write: { redis: { url: "redis://127.0.0.1:\${port}", command: [SET, leader, "\${value}"] } }
      read: { redis: { url: "redis://127.0.0.1:\${port}", command: [GET, leader] } }
baseline: 1s
recovery: 10s
timeline:
  - { id: crash, inject: process-kill, target: redis }
  - { await: steady-state, within: 10s }
  - pause: 6s
objectives:
  - { consistency: "100%", of: orders }
`;

describe('a Redis that is killed', { timeout: 60_000 }, () => {
  it.for([
    { appendOnly: 'no', verdict: 'failed' },
    { appendOnly: 'yes', verdict: 'passed' },
  ] as const)('when its log is kept: $appendOnly', async ({ appendOnly, verdict }, context) => {
    needs(context, 'redis');
    const folder = mkdtempSync('/tmp/chaos-redis-');
    const day = new GameDay(gameDay(appendOnly), { argv: ['--set', `folder=${folder}`] });
    await day.end();
    rmSync(folder, { recursive: true, force: true });
    const report = day.report();
    context.expect(report.verdict, `${day.stderr}${report.reasons}`).toBe(verdict);
    const [ledger] = report.ledgers;
    const result = ledger && 'result' in ledger ? ledger.result : undefined;
    context.expect(result!.acknowledged).toBeGreaterThan(10);
    context.expect(result!.lostCount > 0).toBe(appendOnly === 'no');
    context.expect(result).toMatchObject({ duplicatedCount: 0, outOfOrderCount: 0, staleCount: 0 });
    for (const workload of report.workloads) {
      const found = 'result' in workload ? workload.result : undefined;
      context.expect(found!.acknowledged, workload.probe).toBeGreaterThan(10);
      // The register may be written anew before anybody sees that it was empty.
      const isBroken = workload.kind === 'counter' && appendOnly === 'no';
      const violations = JSON.stringify(found!.violations);
      if (isBroken) context.expect(violations).toMatch(/went back from|though [0-9]+ were acknowledged/);
      else if (appendOnly === 'yes') context.expect(violations).toBe('[]');
      context.expect(day.junit()).toContain(workload.probe);
    }
    context.expect(report.workloads).toHaveLength(2);
    context.expect(day.leftovers()).toEqual([]);
  });
});
