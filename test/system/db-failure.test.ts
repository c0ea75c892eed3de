import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GameDay } from './support/game-day.ts';

describe.concurrent('a database failure', () => {
  it('is survived by a service that acknowledges what is committed', { timeout: 60_000 }, async ({ expect }) => {
    const day = new GameDay('scenarios/db-failure.yaml');
    expect(await day.end(), day.stderr).toBe(0);
    const report = day.report();
    expect(report.verdict).toBe('passed');
    expect(report.summary).toMatchObject({ success: true, events: 2, consistency: 1 });
    const [slow, crash] = report.injections;
    expect(slow).toMatchObject({ fault: 'database-slow', state: 'undone', gone: true, effect: { seen: 'seen' } });
    expect(Number(slow!.effect.figures.queries)).toBeGreaterThan(20);
    expect(crash).toMatchObject({ fault: 'process-kill', state: 'instant', effect: { seen: 'seen' } });
    expect(crash!.effect.figures.successorPid).toBeTypeOf('number');
    expect(report.objectives.map(({ outcome }) => outcome)).toEqual(['passed', 'passed', 'passed']);
    expect(day.junit()).toContain('failures="0"');
    expect(day.leftovers()).toEqual([]);
  });

  it('loses the orders of a service that acknowledges too early, and names them', { timeout: 60_000 }, async ({
    expect,
  }) => {
    const day = new GameDay('scenarios/db-failure-lost-orders.yaml');
    expect(await day.end(), day.stderr).toBe(1);
    const [ledger] = day.report().ledgers;
    if (!ledger || !('result' in ledger)) throw new Error('the ledger was not read');
    expect(ledger.result.lostCount).toBeGreaterThan(0);
    expect(day.stderr).toContain(ledger.result.lost[0]!.id);
    expect(day.junit()).toContain(ledger.result.lost[0]!.id);
    expect(day.leftovers()).toEqual([]);
  });
});

describe.concurrent('every other shipped game day', () => {
  it.each(['first', 'slow-link', 'own-fault', 'api-failure'])('%s passes', { timeout: 60_000 }, async (name) => {
    const day = new GameDay(`scenarios/${name}.yaml`);
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.leftovers()).toEqual([]);
  });
});

// One after another: a machine that is busy with five databases at once is itself a failure to survive.
describe('a database failure is survived', () => {
  it('as the design document has it, on its ports', { timeout: 60_000 }, async () => {
    const day = new GameDay('test/system/design-document.yaml');
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.leftovers()).toEqual([]);
  });

  it('where root may make no user namespaces', { timeout: 60_000 }, async () => {
    const bin = mkdtempSync(join(tmpdir(), 'chaos-no-namespaces-'));
    writeFileSync(join(bin, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const day = new GameDay('scenarios/db-failure.yaml', { env: { PATH: `${bin}:${process.env.PATH}` } });
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.leftovers()).toEqual([]);
    rmSync(bin, { recursive: true });
  });

  it('twice at once, side by side', { timeout: 60_000 }, async () => {
    const days = [new GameDay('scenarios/db-failure.yaml'), new GameDay('scenarios/db-failure.yaml')];
    expect(await Promise.all(days.map((day) => day.end()))).toEqual([0, 0]);
  });
});
