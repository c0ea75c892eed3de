import type { RunEvent } from '../model/event.ts';
import type { Plan } from '../model/plan.ts';
import type { Report } from '../model/report.ts';
import { Checklist } from './fold/checklist.ts';
import { Incidents } from './fold/incidents.ts';
import { Injections } from './fold/injections.ts';
import type { LatencyCounts } from './fold/latency-counts.ts';
import { Ledgers } from './fold/ledgers.ts';
import { judgeObjective, windowsOf } from './fold/objectives.ts';
import { Phases } from './fold/phases.ts';
import { ProbeFigures } from './fold/probe-figures.ts';
import { type EvidentOutage, withRecovery } from './fold/recovery.ts';
import { Steps } from './fold/steps.ts';
import { summarize } from './fold/summary.ts';
import { Targets } from './fold/targets.ts';
import { usualTargets } from './fold/usual.ts';
import { judge } from './fold/verdict.ts';
import { Window } from './fold/window.ts';
import { Windows } from './fold/windows.ts';
import { Workloads } from './fold/workloads.ts';

/** @throws Error when the events do not begin with `run-started` */
export function foldReport(events: Iterable<RunEvent>): Report {
  const fold = new ReportFold();
  for (const event of events) fold.add(event);
  return fold.report();
}

/**
 * Folds the events of a run into its report, one by one, in memory that does not grow with its samples. The same
 * events give the same report, during the run or years later.
 */
export class ReportFold {
  #run: Run | undefined;

  add(event: RunEvent): void {
    if (event.type === 'run-started') this.#run ??= new Run(event);
    this.#run?.add(event);
  }

  /**
   * What the run came to, with what was added so far. Nothing may be added after it.
   * @throws Error when there was no `run-started`
   */
  report(): Report {
    if (!this.#run) throw new Error('the events of a run begin with "run-started"; there was none');
    return this.#run.report();
  }

  /** Of each probe, how long its good answers took in the time in which samples count. */
  latencies(): Latencies {
    return this.#run?.latencies() ?? new Map();
  }
}

/** By the id of a probe. */
export type Latencies = ReadonlyMap<string, LatencyCounts>;

type RunStarted = Extract<RunEvent, { type: 'run-started' }>;

class Run {
  readonly #started: RunStarted;
  readonly #plan: Plan;
  readonly #window = new Window();
  readonly #windows: Windows;
  readonly #phases = new Phases();
  readonly #incidents = new Incidents();
  readonly #ledgers = new Ledgers();
  readonly #workloads: Workloads;
  readonly #leftovers: Report['leftovers'] = [];
  #residue: Report['residue'] = null;
  readonly #checklist: Checklist;
  readonly #targets: Targets;
  readonly #steps: Steps;
  readonly #injections: Injections;
  readonly #probes: Map<string, ProbeFigures>;
  #latest: RunEvent;

  constructor(started: RunStarted) {
    const { plan } = started;
    this.#started = started;
    this.#latest = started;
    this.#plan = plan;
    this.#workloads = new Workloads(plan.probes);
    this.#checklist = new Checklist(plan.checklist);
    this.#targets = new Targets(plan.targets);
    this.#steps = new Steps(plan.steps);
    this.#injections = new Injections(plan.steps);
    this.#windows = new Windows(windowsOf(plan.objectives), plan.steps);
    this.#probes = new Map(
      plan.probes.map((probe) => [probe.id, new ProbeFigures(probe, probe.place, this.#window, this.#windows)]),
    );
  }

  add(event: RunEvent): void {
    this.#latest = event;
    if (event.type === 'samples') {
      const figures = this.#probes.get(event.probe);
      for (const sample of event.samples) figures?.add(sample);
      return;
    }
    if (event.type === 'leftover') {
      const { undo, message, command } = event;
      this.#leftovers.push({ undo, message, command });
    }
    if (event.type === 'residue-checked') {
      const { looked, residue, unseen } = event;
      this.#residue = { looked, residue, unseen };
    }
    for (const part of [
      this.#window,
      this.#windows,
      this.#phases,
      this.#incidents,
      this.#ledgers,
      this.#workloads,
      this.#checklist,
      this.#targets,
      this.#steps,
      this.#injections,
    ])
      part.add(event);
  }

  latencies(): Latencies {
    return new Map([...this.#probes].map(([id, { latencies }]) => [id, latencies]));
  }

  report(): Report {
    const outages = this.#outages();
    const injections = withRecovery(this.#injections.reports(), outages);
    const findings = {
      phases: this.#phases.reports(),
      checklist: this.#checklist.reports(),
      targets: this.#targets.reports(),
      steps: this.#steps.reports(),
      injections,
      probes: [...this.#probes.values()].map((figures) => figures.report()),
      outages: outages.map(({ evidentMs: _1, lastBadAnswerMs: _2, ...outage }) => outage),
      objectives: this.#objectives(injections, outages),
      ledgers: this.#ledgers.reports(),
      workloads: this.#workloads.reports(),
      leftovers: this.#leftovers,
      residue: this.#residue,
    };
    const judgement = judge({ ...findings, plan: this.#plan, incidents: this.#incidents });
    const summary = summarize({ ...judgement, ...findings }, this.#injections.begun);
    return {
      ...this.#about(),
      ...judgement,
      summary,
      ...findings,
      usual: this.#plan.objectives.length === 0 ? usualTargets(summary) : [],
    };
  }

  #about() {
    const { run, version, host, environment, control, time, atMs } = this.#started;
    const { scenario, seed, parameters } = this.#plan;
    return {
      format: 'chaos-report/1' as const,
      run,
      version,
      scenario,
      seed,
      parameters,
      host,
      ...(environment === undefined ? {} : { environment }),
      isSham: this.#plan.isSham,
      ...(control === undefined ? {} : { control }),
      startedAt: time,
      endedAt: this.#latest.time,
      durationMs: this.#latest.atMs - atMs,
    };
  }

  #outages(): EvidentOutage[] {
    return [...this.#probes.values()].flatMap((figures) => figures.outages()).sort((a, b) => a.startMs - b.startMs);
  }

  #objectives(injections: Report['injections'], outages: Report['outages']): Report['objectives'] {
    const complete = this.#phases.complete && !this.#incidents.stopped;
    const measurements = { probes: this.#probes, injections, outages, ledgers: this.#ledgers, complete };
    return this.#plan.objectives.map((objective) => judgeObjective(objective, measurements));
  }
}
