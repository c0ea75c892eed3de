import type { LedgerResult, RunEvent } from '../../model/event.ts';
import { brokenIn } from '../../model/ledger-result.ts';
import type { Report } from '../../model/report.ts';
import { plural } from '../../text/plural.ts';
import { listSome } from '../text/figures.ts';

type LedgerReport = Report['ledgers'][number];

/** What the ledgers found at the end; the last word on each counts. */
export class Ledgers {
  readonly #reports = new Map<string, LedgerReport>();

  add(event: RunEvent): void {
    if (event.type === 'ledger-verified') this.#reports.set(event.probe, { probe: event.probe, result: event.result });
    if (event.type === 'ledger-unreadable')
      this.#reports.set(event.probe, { probe: event.probe, unreadable: event.message });
  }

  of(probe: string): LedgerReport | undefined {
    return this.#reports.get(probe);
  }

  reports(): LedgerReport[] {
    return [...this.#reports.values()];
  }
}

/** Share of acknowledged writes that were kept as promised: once and, where that was asked for, in order and shown at once; `null` when none was acknowledged. */
export function consistency(results: LedgerResult[]): number | null {
  const acknowledged = results.reduce((sum, result) => sum + result.acknowledged, 0);
  const broken = results.reduce((sum, result) => sum + brokenIn(result), 0);
  return acknowledged === 0 ? null : Math.max(0, acknowledged - broken) / acknowledged;
}

/** `lost 2 of 120 acknowledged writes: a, b`; `undefined` when every promise was kept. */
export function brokenPromises(result: LedgerResult): string | undefined {
  const said: string[] = [];
  if (result.lostCount > 0)
    said.push(
      `lost ${result.lostCount} of ${plural(result.acknowledged, 'acknowledged write')}: ${idsOf(result.lost, result.lostCount)}`,
    );
  if (result.duplicatedCount > 0)
    said.push(
      `kept ${plural(result.duplicatedCount, 'write')} more than once: ${idsOf(result.duplicated, result.duplicatedCount)}`,
    );
  const { outOfOrder = [], outOfOrderCount = 0, stale = [], staleCount = 0, readings = 0 } = result;
  if (outOfOrderCount > 0)
    said.push(`kept ${plural(outOfOrderCount, 'write')} out of order: ${idsOf(outOfOrder, outOfOrderCount)}`);
  if (staleCount > 0)
    said.push(
      `showed ${plural(staleCount, 'acknowledged write')} too late to one of ${plural(readings, 'reading')}: ${idsOf(stale, staleCount)}`,
    );
  return said.length > 0 ? said.join('; ') : undefined;
}

const idsOf = (entries: LedgerResult['lost'], count: number): string =>
  listSome(
    entries.map(({ id }) => id),
    10,
    count,
  );
