import { formatDuration } from '../../model/duration.ts';
import { brokenIn } from '../../model/ledger-result.ts';
import type { InjectionReport, Report } from '../../model/report.ts';
import { residueInWords } from '../../model/residue.ts';
import { formatOffset } from '../../text/offset.ts';
import type { Case } from '../cases/case.ts';
import { casesOf } from '../cases/cases.ts';
import { violationsIn, workloadInWords } from '../fold/workloads.ts';
import { formatShare } from '../text/figures.ts';
import { capitalized, whyInWords } from '../text/sentence.ts';
import { code, folded, section, table, text } from './text.ts';

/** The report for a pull request: what matters in sight, the rest folded away. GitHub takes 65,536 characters in a comment. */
export function reportAsMarkdown(report: Report): string {
  const { verdict, exitCode, scenario } = report;
  const lines = [
    `## ${signs[verdict]} ${capitalized(verdict)}: ${text(scenario.name)}`,
    '',
    text(whyInWords(report)),
    ...(report.isSham ? ['', '**A sham run**: every fault was left out.'] : []),
    ...(exitCode === 5 ? ['', '**Something is left behind**, see below.'] : []),
    ...section('Objectives', objectives(report)),
    ...section('Usual targets (shown, not judged)', usualTargets(report)),
    ...section('Faults', faults(report)),
    ...section('Beside the control run, which had no faults', besideControl(report)),
    ...section('What is not green', failures(report)),
    ...section('Left behind', leftBehind(report)),
    ...folded('Reasons', report.reasons.length > 1 ? report.reasons.slice(0, most).map((one) => `- ${text(one)}`) : []),
    ...folded('Probes', probes(report)),
    ...folded('Outages', outages(report)),
    ...folded('Consistency', consistency(report)),
    ...folded('Workloads', workloads(report)),
    ...folded('Run', about(report)),
  ];
  return `${lines.join('\n')}\n`;
}

const most = 20;
const signs: Record<Report['verdict'], string> = {
  passed: '✅',
  failed: '❌',
  aborted: '🛑',
  inconclusive: '❔',
  error: '💥',
};
const outcomes = { passed: '✅', failed: '❌', unknown: '❔', skipped: '➖' } as const;

const objectives = ({ objectives }: Report): string[] =>
  table(
    ['', 'Objective', 'Measured', 'Samples'],
    objectives.map(({ title, outcome, measuredText, samples, message }) => [
      outcomes[outcome],
      text(title),
      `**${text(measuredText)}**${message === undefined ? '' : `<br>${text(message)}`}`,
      samples > 0 ? String(samples) : '–',
    ]),
  );

const usualTargets = ({ usual }: Report): string[] =>
  table(
    ['', 'Usual', 'Measured'],
    usual.map(({ title, asked, measuredText, isMet }) => [
      isMet ? '✅' : '❔',
      text(`${title} ${asked}`),
      text(measuredText),
    ]),
  );

function besideControl({ control, probes }: Report): string[] {
  const share = (value: number | null): string => (value === null ? '–' : formatShare(value));
  const p95 = (latencyMs: { p95: number } | null): string => (latencyMs ? formatDuration(latencyMs.p95) : '–');
  const rows = (control?.probes ?? []).flatMap(({ id, availability, latencyMs }) => {
    const probe = probes.find((one) => one.id === id);
    if (!probe) return [];
    return [[text(id), share(availability), share(probe.availability), p95(latencyMs), p95(probe.latencyMs)]];
  });
  return table(['Probe', 'Good without', 'Good with faults', 'p95 without', 'p95 with faults'], rows);
}

const faults = ({ injections }: Report): string[] =>
  table(
    ['', 'Fault', 'In force', 'Effect', 'Probes'],
    injections.map((injection) => {
      const { step, fault, target, effect, state, message } = injection;
      const good = (state === 'undone' || state === 'instant') && effect.seen === 'seen' && injection.gone !== false;
      const said = message === undefined || state === 'undone' ? effect.summary : message;
      return [
        good ? '✅' : state === 'stuck' ? '❌' : state === 'not-begun' ? '➖' : '❔',
        `**${text(step)}** ${text(fault)}${target === undefined ? '' : ` on ${text(target)}`}`,
        inForce(injection.actual),
        text(said),
        probesSaw(injection),
      ];
    }),
  );

function inForce({ startMs, inForceMs, endMs }: InjectionReport['actual']): string {
  if (startMs === null) return '–';
  const from = inForceMs ?? startMs;
  const forHow = endMs === null || endMs === from ? '' : ` for ${formatDuration(endMs - from)}`;
  return `${formatOffset(from)}${forHow}`;
}

function probesSaw({ recovery, actual }: InjectionReport): string {
  const { failedMs, timeToDetectMs, timeToRecoverMs } = recovery;
  if (actual.startMs === null) return '–';
  if (failedMs === null) return 'none failed';
  const healthy = timeToRecoverMs === null ? 'did not recover' : `healthy after ${formatDuration(timeToRecoverMs)}`;
  return `failed after ${formatDuration(timeToDetectMs ?? 0)}, ${healthy}`;
}

/** Objectives have their own table. */
function failures(report: Report): string[] {
  const failed = casesOf(report).filter(
    ({ result, phase }) => phase !== 'objectives' && (result.is === 'failure' || result.is === 'error'),
  );
  const lines = failed.slice(0, most).map((one) => failureLine(one, report));
  return failed.length > most ? [...lines, `- … and ${failed.length - most} more`] : lines;
}

function failureLine({ name, place, result }: Case, { scenario }: Report): string {
  const where = place ? ` ${code(`${scenario.file}:${place.line}`)}` : '';
  return `- **${text(name)}**${where}<br>${'message' in result ? text(result.message) : ''}`;
}

const leftBehind = ({ leftovers, residue }: Report): string[] =>
  [
    ...leftovers.map(({ message, command }) => `- ${text(message)}: ${code(command)}`),
    ...(residue?.residue ?? []).map((one) => `- ${text(residueInWords(one))}`),
  ].slice(0, most);

const probes = ({ probes }: Report): string[] =>
  table(
    ['Probe', 'Samples', 'Good', 'Bad', 'Not measured', 'p50', 'p95', 'p99', 'Max'],
    probes.map(({ id, samples, availability, bad, unmeasured, latencyMs }) => [
      text(id),
      String(samples),
      availability === null ? '–' : formatShare(availability),
      String(bad),
      String(unmeasured),
      ...(['p50', 'p95', 'p99', 'max'] as const).map((name) => (latencyMs ? formatDuration(latencyMs[name]) : '–')),
    ]),
  );

const outages = ({ outages }: Report): string[] =>
  table(
    ['Probe', 'From', 'For', 'Bad samples', 'First reason'],
    outages.map(({ probe, startMs, endMs, badSamples, reason }) => [
      text(probe),
      formatOffset(startMs),
      endMs === null ? 'until the end' : formatDuration(endMs - startMs),
      String(badSamples),
      text(reason ?? ''),
    ]),
  );

const consistency = ({ ledgers }: Report): string[] =>
  table(
    ['Ledger', 'Acknowledged', 'Lost', 'Kept more than once', 'Out of order', 'Stale', 'Ids'],
    ledgers.map((ledger) => {
      if ('unreadable' in ledger) return [text(ledger.probe), '–', '–', '–', '–', '–', text(ledger.unreadable)];
      const { acknowledged, lost, lostCount, duplicated, duplicatedCount } = ledger.result;
      const { outOfOrder = [], outOfOrderCount, stale = [], staleCount } = ledger.result;
      const broken = [...lost, ...duplicated, ...outOfOrder, ...stale];
      const ids = broken.slice(0, most).map(({ id }) => code(id));
      const more = brokenIn(ledger.result) - ids.length;
      return [
        text(ledger.probe),
        String(acknowledged),
        String(lostCount),
        String(duplicatedCount),
        String(outOfOrderCount ?? '–'),
        String(staleCount ?? '–'),
        `${ids.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
      ];
    }),
  );

const workloads = ({ workloads }: Report): string[] =>
  table(
    ['', 'Workload', 'Kind', 'Found'],
    workloads.map((workload) => {
      const { probe, kind } = workload;
      if ('unreadable' in workload) return ['❔', text(probe), text(kind), text(workload.unreadable)];
      const broken = violationsIn(workload.result);
      const found = `${workloadInWords(kind, workload.result)}${broken === undefined ? '' : `; ${broken}`}`;
      return [broken === undefined ? '✅' : '❌', text(probe), text(kind), text(found)];
    }),
  );

const about = (report: Report): string[] => [
  `- run ${code(report.run)}, ${formatDuration(report.durationMs)}, began ${report.startedAt}`,
  `- scenario ${code(report.scenario.file)}, seed ${report.seed}`,
  ...Object.entries(report.parameters)
    .slice(0, most)
    .map(([name, value]) => `- parameter ${code(`${name}=${value}`)}`),
  `- chaos ${text(report.version)}, Node.js ${text(report.host.node)}, ${text(report.host.platform)} ${text(report.host.release)}`,
  ...(report.environment === undefined ? [] : [`- environment ${code(report.environment)}`]),
];
