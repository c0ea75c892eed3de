import { formatDuration } from '../../../model/duration.ts';
import { formatShare } from '../../text/figures.ts';
import type { PageData } from '../page-data.ts';
import { chip, section, table } from './dom.ts';

/** What people usually promise, for a scenario that promises nothing. */
export function usualTargets({ report: { usual } }: PageData): HTMLElement | undefined {
  const rows = usual.map(({ title, asked, measuredText, isMet }) => [
    isMet ? chip('good', 'met') : chip('doubt', 'not met'),
    `${title} ${asked}`,
    measuredText,
  ]);
  return section(
    'usual',
    'Usual targets (shown, not judged)',
    rows.length > 0 && table(['Outcome', 'Usual', 'Measured'], rows),
  );
}

/** What each probe saw in the run without faults, and in this one. */
export function besideControl({ report: { control, probes } }: PageData): HTMLElement | undefined {
  if (!control) return undefined;
  const share = (value: number | null): string => (value === null ? '–' : formatShare(value));
  const p95 = (latencyMs: { p95: number } | null): string => (latencyMs ? formatDuration(latencyMs.p95) : '–');
  const rows = control.probes.flatMap(({ id, availability, latencyMs }) => {
    const probe = probes.find((one) => one.id === id);
    if (!probe) return [];
    return [[id, share(availability), share(probe.availability), p95(latencyMs), p95(probe.latencyMs)]];
  });
  const heads = ['Probe', 'Good without', 'Good with faults', 'p95 without', 'p95 with faults'];
  return section(
    'control',
    `Beside the control run, which had no faults (${control.verdict})`,
    rows.length > 0 && table(heads, rows),
  );
}
