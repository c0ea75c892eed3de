import { formatDuration } from '../../../model/duration.ts';
import type { Report } from '../../../model/report.ts';
import { formatShare } from '../../text/figures.ts';
import { formatOffset } from '../../text/offset.ts';
import { isGroup } from '../../text/step-kind.ts';
import type { PageData } from '../page-data.ts';
import { type Child, chip, details, facts, h, placeLink, section, table } from './dom.ts';
import { meanings, toneOfOutcome } from './words.ts';

export function objectives({ report, source }: PageData): HTMLElement | undefined {
  const rows = report.objectives.map(({ title, measuredText, samples, outcome, message, place }) => [
    chip(toneOfOutcome[outcome], outcome),
    title,
    h('strong', {}, measuredText),
    samples > 0 ? String(samples) : '–',
    h('span', {}, message ?? '', ' ', placeLink(report.scenario.file, place.line, source !== null)),
  ]);
  return section(
    'objectives',
    'Objectives',
    rows.length > 0 && table(['Outcome', 'Asked', 'Measured', 'Samples', 'Note'], rows),
  );
}

export function consistency({ report }: PageData): HTMLElement | undefined {
  const cards = report.ledgers.map((ledger): Child => {
    if ('unreadable' in ledger)
      return h(
        'article',
        { class: 'card' },
        h('h3', {}, ledger.probe, ' ', chip('doubt', 'could not be read')),
        h('p', {}, ledger.unreadable),
      );
    const { written, acknowledged, kept, lost, lostCount, duplicated, duplicatedCount, unacknowledgedPresent } =
      ledger.result;
    const whole = lostCount + duplicatedCount === 0;
    return h(
      'article',
      { class: 'card' },
      h(
        'h3',
        {},
        ledger.probe,
        ' ',
        whole ? chip('good', 'every acknowledged write was kept once') : chip('bad', 'promises were broken'),
      ),
      facts([
        ['Written', String(written)],
        ['Acknowledged', String(acknowledged)],
        ['Kept once', String(kept)],
        ['Lost', String(lostCount)],
        ['Kept more than once', String(duplicatedCount)],
        ['There, though not acknowledged (allowed)', String(unacknowledgedPresent)],
      ]),
      entriesTable('Lost writes', lost, lostCount),
      entriesTable('Writes kept more than once', duplicated, duplicatedCount),
    );
  });
  return section('consistency', 'Consistency', ...cards);
}

function entriesTable(
  caption: string,
  entries: { id: string; atMs: number }[],
  count: number,
): HTMLElement | undefined {
  if (entries.length === 0) return undefined;
  const cut = count > entries.length ? ` (the first ${entries.length} of ${count})` : '';
  return table(
    ['Id', 'Acknowledged at'],
    entries.map(({ id, atMs }) => [h('code', {}, id), formatOffset(atMs)]),
    `${caption}${cut}`,
  );
}

export function probes({ report, source }: PageData): HTMLElement | undefined {
  const rows = report.probes.map(({ id, kind, samples, bad, unmeasured, availability, latencyMs, place, lastBad }) => [
    h('span', {}, h('strong', {}, id), ` ${kind} `, placeLink(report.scenario.file, place.line, source !== null)),
    String(samples),
    availability === null ? '–' : formatShare(availability),
    String(bad),
    String(unmeasured),
    ...(['p50', 'p95', 'p99', 'max'] as const).map((name) => (latencyMs ? formatDuration(latencyMs[name]) : '–')),
    lastBad.at(-1)?.reason ?? '',
  ]);
  const heads = ['Probe', 'Samples', 'Good', 'Bad', 'Not measured', 'p50', 'p95', 'p99', 'Max', 'Last bad answer'];
  return section(
    'probes',
    'Probes',
    rows.length > 0 &&
      h('p', { class: 'quiet' }, `${meanings.availability} Latency: ${meanings.latency.toLowerCase()}`),
    rows.length > 0 && table(heads, rows),
  );
}

export function outages({ report }: PageData): HTMLElement | undefined {
  const rows = report.outages.map(({ probe, startMs, endMs, badSamples, reason }) => [
    probe,
    formatOffset(startMs),
    endMs === null ? chip('bad', 'until the end') : formatDuration(endMs - startMs),
    String(badSamples),
    reason ?? '',
  ]);
  const heads = ['Probe', 'From', 'For', 'Bad samples', 'First reason'];
  return section('outages', 'Outages', rows.length > 0 && table(heads, rows.slice(0, mostOutages)), more(rows.length));
}

const mostOutages = 200;
const more = (count: number): Child =>
  count > mostOutages && h('p', { class: 'quiet' }, `… and ${count - mostOutages} more, in report.json`);

export function steps({ report, source }: PageData): HTMLElement | undefined {
  const rows = report.steps
    .filter(({ kind }) => !isGroup(kind))
    .map((step) => [
      chip(toneOfOutcome[step.outcome], step.outcome),
      step.startMs === null ? '–' : formatOffset(step.startMs),
      step.startMs === null || step.endMs === null ? '–' : formatDuration(step.endMs - step.startMs),
      h(
        'span',
        {},
        h('strong', {}, step.id),
        ` ${step.title} `,
        placeLink(report.scenario.file, step.place.line, source !== null),
      ),
      said(step),
    ]);
  return section('steps', 'Steps', rows.length > 0 && table(['Outcome', 'At', 'Took', 'Step', 'Said'], rows));
}

function said(step: Report['steps'][number]): Child {
  const printed = output(step);
  return step.message === undefined && !printed ? undefined : h('span', {}, step.message ?? '', printed);
}

function output({ result }: Report['steps'][number]): HTMLElement | undefined {
  const printed = [result?.stdout.text, result?.stderr.text]
    .filter((text) => text !== undefined && text !== '')
    .join('\n');
  return printed === '' ? undefined : details('Output', h('pre', {}, printed));
}
