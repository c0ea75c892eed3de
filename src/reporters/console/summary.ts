import { formatDuration } from '../../model/duration.ts';
import { brokenIn } from '../../model/ledger-result.ts';
import type { InjectionReport, Outage, Report } from '../../model/report.ts';
import { type Residue, residueInWords } from '../../model/residue.ts';
import { oneLine } from '../../text/clean.ts';
import { formatOffset } from '../../text/offset.ts';
import { plural } from '../../text/plural.ts';
import { widthOf, wrap } from '../../text/width.ts';
import { violationsIn, workloadInWords } from '../fold/workloads.ts';
import { formatShare } from '../text/figures.ts';
import { markOfOutcome, type Paint, type Tone, toneOfOutcome, toneOfVerdict } from './paint.ts';

const mostRows = 12;

/**
 * What a run came to, for a person: the verdict and its reasons first. Every line fits `columns` (at least 30, at most
 * 100); what is longer is continued on the next, not cut.
 */
export function summaryLines(report: Report, files: string[], columns: number, paint: Paint): string[] {
  const width = Math.min(Math.max(columns, 30), 100);
  const block = (title: string, rows: Row[]): string[] =>
    rows.length === 0
      ? []
      : ['', paint('strong', title), ...capped(rows, mostRows).flatMap((row) => render(row, width, paint))];
  return [
    ...verdictLines(report, width, paint),
    ...block('Objectives', report.objectives.map(objectiveRow)),
    ...block('Usual targets (shown, not judged)', report.usual.map(usualRow)),
    ...block('Injections', report.injections.flatMap(injectionRows)),
    ...block('Outages', report.outages.map(outageRow)),
    ...block('Ledgers', report.ledgers.map(ledgerRow)),
    ...block('Workloads', report.workloads.map(workloadRow)),
    ...block('Probes', report.probes.map(probeRow)),
    ...block('Beside the control run, which had no faults', controlRows(report)),
    ...block('Left behind', [...report.leftovers.map(leftoverRow), ...(report.residue?.residue ?? []).map(residueRow)]),
    ...block(
      'Files',
      files.map((file) => ({ text: file })),
    ),
  ];
}

/** `mark` stands before the text in its own tone; continued lines are indented below the text. */
interface Row {
  mark?: string;
  tone?: Tone;
  text: string;
  /** Belongs to the row above it. */
  continued?: boolean;
}

function verdictLines(
  { verdict, exitCode, reasons, scenario, durationMs }: Report,
  width: number,
  paint: Paint,
): string[] {
  const word = verdict.toUpperCase();
  const title = `${scenario.name}, ${formatDuration(durationMs)}${exitCode === 5 ? ', something is left behind' : ''}`;
  const [first = '', ...more] = wrap(oneLine(title), width - word.length - 2);
  const indent = ' '.repeat(word.length + 2);
  return [
    `${paint(toneOfVerdict[verdict], word)}  ${paint('strong', first)}`,
    ...more.map((line) => indent + paint('strong', line)),
    ...capped(
      reasons.map((text): Row => ({ mark: '·', text })),
      mostRows,
    ).flatMap((row) => render(row, width, paint)),
  ];
}

function objectiveRow({ title, outcome, measuredText, samples, message }: Report['objectives'][number]): Row {
  const why = message === undefined ? '' : `: ${message}`;
  const of = samples > 0 ? ` (${plural(samples, 'sample')})` : '';
  return { mark: markOfOutcome[outcome], tone: toneOfOutcome[outcome], text: `${title}   ${measuredText}${of}${why}` };
}

function usualRow({ title, asked, measuredText, isMet }: Report['usual'][number]): Row {
  return { mark: isMet ? '·' : '!', tone: isMet ? 'quiet' : 'doubtful', text: `${title} ${asked}   ${measuredText}` };
}

function injectionRows(injection: InjectionReport): Row[] {
  const { step, fault, target, state, effect, message } = injection;
  const told = message === undefined || state === 'undone' ? effect.summary : message;
  const begun = state !== 'not-begun' && state !== 'failed';
  const good = begun && state !== 'stuck' && effect.seen === 'seen';
  return [
    {
      mark: good ? '✓' : state === 'stuck' ? '✗' : state === 'not-begun' ? '-' : '?',
      tone: good ? 'good' : state === 'stuck' ? 'bad' : state === 'not-begun' ? 'quiet' : 'doubtful',
      text: `${step}: ${fault}${target === undefined ? '' : ` on ${target}`}, ${told}`,
    },
    ...(begun ? [{ text: recoveryText(injection), continued: true }] : []),
  ];
}

function recoveryText({ recovery: { failedMs, timeToDetectMs, timeToRecoverMs } }: InjectionReport): string {
  if (failedMs === null) return 'no probe failed';
  const failed = `failed after ${formatDuration(timeToDetectMs ?? 0)}`;
  return timeToRecoverMs === null
    ? `${failed}, did not recover`
    : `${failed}, healthy after ${formatDuration(timeToRecoverMs)}`;
}

function outageRow({ probe, startMs, endMs, badSamples, reason }: Outage): Row {
  const howLong = endMs === null ? 'until the end' : `for ${formatDuration(endMs - startMs)}`;
  const why = reason === undefined ? '' : `: ${reason}`;
  return {
    mark: endMs === null ? '✗' : '·',
    tone: endMs === null ? 'bad' : 'plain',
    text: `${probe} at ${formatOffset(startMs)} ${howLong}, ${plural(badSamples, 'bad sample')}${why}`,
  };
}

function ledgerRow(ledger: Report['ledgers'][number]): Row {
  if ('unreadable' in ledger)
    return { mark: '?', tone: 'doubtful', text: `${ledger.probe}: could not be read: ${ledger.unreadable}` };
  const { acknowledged, lostCount, duplicatedCount, outOfOrderCount, staleCount } = ledger.result;
  const whole = brokenIn(ledger.result) === 0;
  const asked = [
    ...(outOfOrderCount === undefined ? [] : [`${outOfOrderCount} out of order`]),
    ...(staleCount === undefined ? [] : [`${staleCount} stale`]),
  ];
  return {
    mark: whole ? '✓' : '✗',
    tone: whole ? 'good' : 'bad',
    text: `${ledger.probe}: ${plural(acknowledged, 'acknowledged write')}, ${[`${lostCount} lost`, `${duplicatedCount} duplicated`, ...asked].join(', ')}`,
  };
}

function workloadRow(workload: Report['workloads'][number]): Row {
  const { probe, kind } = workload;
  if ('unreadable' in workload)
    return { mark: '?', tone: 'doubtful', text: `${probe}: could not be read: ${workload.unreadable}` };
  const broken = violationsIn(workload.result);
  return {
    mark: broken === undefined ? '✓' : '✗',
    tone: broken === undefined ? 'good' : 'bad',
    text: `${probe}: ${workloadInWords(kind, workload.result)}${broken === undefined ? '' : `; ${broken}`}`,
  };
}

function probeRow({ id, samples, bad, unmeasured, availability, latencyMs }: Report['probes'][number]): Row {
  const said = [
    plural(samples, 'sample'),
    ...(availability === null ? [] : [`${formatShare(availability)} good`]),
    ...(bad > 0 ? [`${bad} bad`] : []),
    ...(unmeasured > 0 ? [`${unmeasured} not measured`] : []),
    ...(latencyMs === null ? [] : [`p50 ${formatDuration(latencyMs.p50)}`, `p99 ${formatDuration(latencyMs.p99)}`]),
  ];
  return { mark: '·', text: `${id}: ${said.join(', ')}` };
}

/** What each probe saw without the faults, and with them. */
function controlRows({ control, probes }: Report): Row[] {
  if (!control) return [];
  return probes.flatMap(({ id, availability, latencyMs }) => {
    const usual = control.probes.find((one) => one.id === id);
    if (!usual) return [];
    const share = (figure: number | null) => (figure === null ? 'not measured' : formatShare(figure));
    const p95 = (figure: { p95: number } | null) => (figure === null ? 'no answer' : formatDuration(figure.p95));
    const text = `${id}: ${share(usual.availability)} good, with faults ${share(availability)}; p95 ${p95(usual.latencyMs)}, with faults ${p95(latencyMs)}`;
    return [{ mark: '·', text }];
  });
}

function leftoverRow({ message, command }: Report['leftovers'][number]): Row {
  return { mark: '✗', tone: 'bad', text: `${message}; undo it with: ${command}` };
}

function residueRow(residue: Residue): Row {
  return { mark: '✗', tone: 'bad', text: residueInWords(residue) };
}

function capped(rows: Row[], most: number): Row[] {
  return rows.length <= most ? rows : [...rows.slice(0, most - 1), { text: `… and ${rows.length - most + 1} more` }];
}

function render({ mark = '', tone = 'plain', text, continued = false }: Row, width: number, paint: Paint): string[] {
  const indent = mark === '' && !continued ? '  ' : '    ';
  const front = mark === '' ? indent : `  ${paint(tone, mark)}${' '.repeat(2 - widthOf(mark))}`;
  const [first = '', ...more] = wrap(oneLine(text), width - indent.length);
  return [front + first, ...more.map((line) => indent + line)];
}
