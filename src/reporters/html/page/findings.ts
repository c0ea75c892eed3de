import { formatDuration } from '../../../model/duration.ts';
import { brokenIn } from '../../../model/ledger-result.ts';
import type { Report } from '../../../model/report.ts';
import { formatOffset } from '../../../text/offset.ts';
import { formatShare } from '../../text/figures.ts';
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
    const { outOfOrder = [], outOfOrderCount, stale = [], staleCount, readings } = ledger.result;
    const whole = brokenIn(ledger.result) === 0;
    return h(
      'article',
      { class: 'card' },
      h(
        'h3',
        {},
        ledger.probe,
        ' ',
        whole ? chip('good', 'every acknowledged write was kept as promised') : chip('bad', 'promises were broken'),
      ),
      facts([
        ['Written', String(written)],
        ['Acknowledged', String(acknowledged)],
        ['Kept once', String(kept)],
        ['Lost', String(lostCount)],
        ['Kept more than once', String(duplicatedCount)],
        ...(outOfOrderCount === undefined ? [] : ([['Out of order', String(outOfOrderCount)]] as [string, string][])),
        ...(staleCount === undefined
          ? []
          : ([
              ['Read during the run', `${readings} times`],
              ['Stale: missed by a reading, though acknowledged before', String(staleCount)],
            ] as [string, string][])),
        ['There, though not acknowledged (allowed)', String(unacknowledgedPresent)],
      ]),
      entriesTable('Lost writes', lost, lostCount),
      entriesTable('Writes kept more than once', duplicated, duplicatedCount),
      entriesTable('Writes out of order', outOfOrder, outOfOrderCount ?? 0),
      entriesTable('Stale: shown too late', stale, staleCount ?? 0),
    );
  });
  return section('consistency', 'Consistency', ...cards, ...report.workloads.map(workloadCard));
}

function workloadCard(workload: Report['workloads'][number]): HTMLElement {
  const card = (chipOf: Child, ...more: Child[]) =>
    h('article', { class: 'card' }, h('h3', {}, workload.probe, ' ', chipOf), ...more);
  if ('unreadable' in workload) return card(chip('doubt', 'could not be read'), h('p', {}, workload.unreadable));
  const { writes, acknowledged, reads, violations, violationCount } = workload.result;
  const kept = violationCount === 0;
  const cut = violationCount > violations.length ? ` (the first ${violations.length} of ${violationCount})` : '';
  return card(
    kept ? chip('good', 'kept its promise') : chip('bad', 'promises were broken'),
    facts([
      ['Workload', workload.kind],
      ['Writes', String(writes)],
      ['Acknowledged', String(acknowledged)],
      ['Reads', String(reads)],
      ['Broken promises', String(violationCount)],
    ]),
    !kept &&
      table(
        ['At', 'What cannot be'],
        violations.map(({ atMs, message }) => [formatOffset(atMs), message]),
        `Broken promises${cut}`,
      ),
  );
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
