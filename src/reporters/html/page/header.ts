import { formatDuration } from '../../../model/duration.ts';
import type { Report } from '../../../model/report.ts';
import { formatShare } from '../../text/figures.ts';
import { capitalized, isWholeReason, whyInWords } from '../../text/sentence.ts';
import { details, h } from './dom.ts';
import { meanings, toneOfVerdict } from './words.ts';

/** The verdict and why, then the run in a few figures. */
export function header(report: Report): HTMLElement {
  const { verdict, scenario, reasons, exitCode } = report;
  const tone = toneOfVerdict[verdict];
  return h(
    'header',
    { class: `verdict ${tone}` },
    h('p', { class: 'badge' }, `${signs[verdict]} ${capitalized(verdict)}`),
    h('h1', {}, scenario.name),
    scenario.description !== undefined && h('p', { class: 'quiet' }, scenario.description),
    h('p', { class: 'why' }, whyInWords(report)),
    report.isSham && h('p', { class: 'sham' }, '? A sham run: every fault was left out.'),
    exitCode === 5 && h('p', { class: 'left-behind' }, '✗ Something is left behind: see below.'),
    !isWholeReason(report) && allReasons(reasons),
    tiles(report),
  );
}

const allReasons = (reasons: string[]): HTMLElement =>
  reasons.length === 1
    ? details('In full', h('p', {}, reasons[0]!))
    : h(
        'ul',
        { class: 'reasons', label: 'Reasons' },
        ...reasons.slice(0, mostReasons).map((reason) => h('li', {}, reason)),
        reasons.length > mostReasons && h('li', {}, `… and ${reasons.length - mostReasons} more`),
      );

const mostReasons = 12;
const signs: Record<Report['verdict'], string> = {
  passed: '✓',
  failed: '✗',
  aborted: '■',
  inconclusive: '?',
  error: '✗',
};

function tiles({ summary, durationMs, outages }: Report): HTMLElement {
  const share = (value: number | null) => (value === null ? '–' : formatShare(value));
  const longest = Math.max(0, ...outages.map(({ startMs, endMs }) => (endMs ?? durationMs) - startMs));
  return h(
    'dl',
    { class: 'tiles' },
    tile('Availability', share(summary.availability), meanings.availability),
    tile(
      'Outages',
      String(summary.failuresDetected),
      meanings.outage,
      summary.failuresDetected === 0 ? 'none' : `longest ${formatDuration(longest)}`,
    ),
    tile(
      'Mean time to recover',
      summary.meanTimeToRecoverMs === null ? '–' : formatDuration(summary.meanTimeToRecoverMs),
      meanings.timeToRecover,
      summary.failuresDetected === 0
        ? 'nothing failed'
        : `${summary.recoveries} of ${summary.failuresDetected} recovered`,
    ),
    tile('Consistency', share(summary.consistency), meanings.consistency),
    tile('Faults', String(summary.events), 'Injections that were begun.'),
    tile('Duration', formatDuration(durationMs), 'From the first event to the last.'),
  );
}

const tile = (name: string, value: string, meaning: string, more?: string): HTMLElement =>
  h(
    'div',
    { title: meaning },
    h('dt', {}, name),
    h('dd', {}, value),
    more !== undefined && h('dd', { class: 'more' }, more),
  );
