import { isDeepStrictEqual } from 'node:util';
import type { ObjectiveReport, ProbeReport, Report } from '../../model/report.ts';
import type { Latencies } from '../fold.ts';
import { changeOfLatency } from './change-of-latency.ts';
import { changeOfRate } from './change-of-rate.ts';

/**
 * How a figure changed. `unclear`: it differs, by no more than chance would make it, or in a way that one run cannot
 * prove. What stands in only one of the runs is `unclear`, too.
 */
export type Change = 'better' | 'worse' | 'same' | 'unclear';

export interface Figure {
  /** `run`, `probe orders`, `fault crash`, `ledger orders`, or `objective …`. */
  of: string;
  name: string;
  unit: 'share' | 'ms' | 'count' | 'word';
  /** `null`: not measured, or not in that run. */
  before: number | string | null;
  after: number | string | null;
  /** Out of how many samples or writes, where that is what the figure rests on. */
  counts?: { before: number; after: number };
  change: Change;
}

/** Two runs side by side. */
export interface Comparison {
  format: 'chaos-comparison/1';
  before: RunInShort;
  after: RunInShort;
  /** What else than the system was different: what follows may come from it. */
  differences: string[];
  figures: Figure[];
  better: number;
  worse: number;
}

type RunInShort = Pick<Report, 'run' | 'version' | 'startedAt' | 'verdict'> & { scenario: string };

/** @param latencies of the later run; without them no latency is judged */
export function compare(before: Report, after: Report, latencies: Latencies = new Map()): Comparison {
  const figures = [
    ...ofTheRun(before, after),
    ...pairs(before.objectives, after.objectives, ({ measure, of, title }) => `${measure} ${of} ${title}`).map(
      ofObjective,
    ),
    ...pairs(before.probes, after.probes, ({ id }) => id).flatMap((pair) => ofProbe(pair, latencies)),
    ...pairs(before.injections, after.injections, ({ step }) => step).map(([a, b]) =>
      plain(
        `fault ${(a ?? b)!.step}`,
        'time to recover',
        'ms',
        a?.recovery.timeToRecoverMs,
        b?.recovery.timeToRecoverMs,
      ),
    ),
    ...pairs(before.ledgers, after.ledgers, ({ probe }) => probe).flatMap(ofLedger),
    ...pairs(before.workloads, after.workloads, ({ probe }) => probe).map(ofWorkload),
  ];
  const count = (change: Change): number => figures.filter((figure) => figure.change === change).length;
  return {
    format: 'chaos-comparison/1',
    before: inShort(before),
    after: inShort(after),
    differences: differencesOf(before, after),
    figures,
    better: count('better'),
    worse: count('worse'),
  };
}

const inShort = ({ run, version, startedAt, verdict, scenario }: Report): RunInShort => ({
  run,
  version,
  startedAt,
  verdict,
  scenario: scenario.name,
});

function differencesOf(before: Report, after: Report): string[] {
  const differ = (name: string, of: (report: Report) => unknown): string[] => {
    const [a, b] = [of(before), of(after)];
    return isDeepStrictEqual(a, b) ? [] : [`${name}: ${inWords(a)} before, ${inWords(b)} after`];
  };
  return [
    ...differ('scenario', ({ scenario }) => scenario.name),
    ...differ('version of chaos', ({ version }) => version),
    ...differ('faults', ({ isSham }) => (isSham ? 'left out' : 'injected')),
    ...differ('seed', ({ seed }) => seed),
    ...[...new Set([...Object.keys(before.parameters), ...Object.keys(after.parameters)])].flatMap((name) =>
      differ(`parameter ${name}`, ({ parameters }) => parameters[name]),
    ),
    ...differ('environment', ({ environment }) => environment),
    ...differ('Node.js', ({ host }) => host.node),
    ...differ('processors', ({ host }) => host.cpus),
    ...differ('kernel', ({ host }) => host.release),
  ];
}

const leftBehind = ({ leftovers, residue }: Report): number => leftovers.length + (residue?.residue.length ?? 0);

const inWords = (value: unknown): string => (value === undefined ? 'none' : String(value));

function ofTheRun(before: Report, after: Report): Figure[] {
  const passes = (report: Report): number => Number(report.verdict === 'passed' && report.exitCode === 0);
  const differs = before.verdict !== after.verdict;
  return [
    {
      of: 'run',
      name: 'verdict',
      unit: 'word',
      before: before.verdict,
      after: after.verdict,
      change: ranked(passes(before), passes(after)) ?? (differs ? 'unclear' : 'same'),
    },
    plain('run', 'outages', 'count', before.summary.failuresDetected, after.summary.failuresDetected),
    plain('run', 'mean time to recover', 'ms', before.summary.meanTimeToRecoverMs, after.summary.meanTimeToRecoverMs),
    plain('run', 'left behind', 'count', leftBehind(before), leftBehind(after), lessIsBetter),
  ];
}

function ofObjective([before, after]: Pair<ObjectiveReport>): Figure {
  const rank = { passed: 1, unknown: undefined, failed: 0 };
  const ranks = [before, after].map((one) => (one ? rank[one.outcome] : undefined));
  const change = ranks.includes(undefined) ? undefined : ranked(ranks[0]!, ranks[1]!);
  const same = before?.outcome === after?.outcome;
  return {
    of: `objective ${(before ?? after)!.title}`,
    name: 'outcome',
    unit: 'word',
    before: before ? `${before.outcome}, ${before.measuredText}` : null,
    after: after ? `${after.outcome}, ${after.measuredText}` : null,
    ...(before && after ? { counts: { before: before.samples, after: after.samples } } : {}),
    change: change ?? (same ? 'same' : 'unclear'),
  };
}

function ofProbe([before, after]: Pair<ProbeReport>, latencies: Latencies): Figure[] {
  const of = `probe ${(before ?? after)!.id}`;
  const measured = (probe: ProbeReport | undefined): number => (probe ? probe.good + probe.bad : 0);
  const counts = { before: measured(before), after: measured(after) };
  const slowerThan = (ms: number) => latencies.get(after?.id ?? '')?.slowerThan(ms);
  return [
    {
      of,
      name: 'availability',
      unit: 'share',
      before: before?.availability ?? null,
      after: after?.availability ?? null,
      counts,
      change: changeOfRate(
        { hits: before?.good ?? 0, of: counts.before },
        { hits: after?.good ?? 0, of: counts.after },
      ),
    },
    ...(['p50', 'p95', 'p99', 'max'] as const).map((name) => ({
      ...plain(of, `latency ${name}`, 'ms', before?.latencyMs?.[name], after?.latencyMs?.[name], (a, b) =>
        name === 'max'
          ? 'unclear'
          : changeOfLatency(
              { ms: a, of: before!.good, rank: ranks[name] },
              { ms: b, of: after!.good, slower: slowerThan(a) },
            ),
      ),
      counts: { before: before?.good ?? 0, after: after?.good ?? 0 },
    })),
  ];
}

const ranks = { p50: 0.5, p95: 0.95, p99: 0.99 };

/** A promise that was broken more often is worse, whatever chance has to do with it. */
function ofLedger([before, after]: Pair<Report['ledgers'][number]>): Figure[] {
  const of = `ledger ${(before ?? after)!.probe}`;
  const result = (ledger: typeof before) => (ledger && 'result' in ledger ? ledger.result : undefined);
  const [a, b] = [result(before), result(after)];
  const counts = { before: a?.acknowledged ?? 0, after: b?.acknowledged ?? 0 };
  return [
    { ...plain(of, 'lost', 'count', a?.lostCount, b?.lostCount, lessIsBetter), counts },
    { ...plain(of, 'out of order', 'count', a?.outOfOrderCount, b?.outOfOrderCount, lessIsBetter), counts },
    { ...plain(of, 'stale', 'count', a?.staleCount, b?.staleCount, lessIsBetter), counts },
    { ...plain(of, 'kept more than once', 'count', a?.duplicatedCount, b?.duplicatedCount, lessIsBetter), counts },
  ];
}

function ofWorkload([before, after]: Pair<Report['workloads'][number]>): Figure {
  const result = (workload: typeof before) => (workload && 'result' in workload ? workload.result : undefined);
  const [a, b] = [result(before), result(after)];
  const of = `${(before ?? after)!.kind} ${(before ?? after)!.probe}`;
  return {
    ...plain(of, 'broken promises', 'count', a?.violationCount, b?.violationCount, lessIsBetter),
    counts: { before: a?.reads ?? 0, after: b?.reads ?? 0 },
  };
}

function plain(
  of: string,
  name: string,
  unit: Figure['unit'],
  before: number | null | undefined,
  after: number | null | undefined,
  judge: (before: number, after: number) => Change = () => 'unclear',
): Figure {
  const [a, b] = [before ?? null, after ?? null];
  const change = a === b ? 'same' : a === null || b === null ? 'unclear' : judge(a, b);
  return { of, name, unit, before: a, after: b, change };
}

const ranked = (before: number, after: number): Change | undefined =>
  before === after ? undefined : after > before ? 'better' : 'worse';
const lessIsBetter = (before: number, after: number): Change => (after < before ? 'better' : 'worse');

type Pair<T> = [T | undefined, T | undefined];

/** What has the same key in both, then what only the second has. */
function pairs<T>(before: T[], after: T[], key: (one: T) => string): Pair<T>[] {
  const left = new Map(after.map((one) => [key(one), one]));
  const both = before.map((one): Pair<T> => {
    const other = left.get(key(one));
    left.delete(key(one));
    return [one, other];
  });
  return [...both, ...[...left.values()].map((one): Pair<T> => [undefined, one])];
}
