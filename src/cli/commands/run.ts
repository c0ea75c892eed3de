import { join } from 'node:path';
import { version } from '../../../package.json';
import type { Control } from '../../model/control.ts';
import { UserError } from '../../model/diagnostic.ts';
import { exitCodes } from '../../model/exit-code.ts';
import type { Plan } from '../../model/plan.ts';
import type { Report } from '../../model/report.ts';
import { shamOf } from '../../planner/sham.ts';
import { createConsole } from '../../reporters/console/create.ts';
import { RunFold } from '../../reporters/run-fold.ts';
import { parseReportRequest, type ReportRequest, writeReports } from '../../reporters/write.ts';
import { knownRuns } from '../../runner/journal/known-runs.ts';
import { makeRunFolder, type RunFolder } from '../../runner/run-folder.ts';
import { type RunningPlan, runPlan } from '../../runner/run-plan.ts';
import { plural } from '../../text/plural.ts';
import { TerminalAnswers } from '../ask-at-terminal.ts';
import { checkConfirmations } from '../confirmations.ts';
import { entries } from '../entries.ts';
import { environmentFor } from '../environment.ts';
import type { Io } from '../io.ts';
import { type Loaded, loadPlan } from '../load.ts';
import type { Settings } from '../options.ts';

export interface RunCommandOptions {
  output?: string;
  report: string[];
  set: Settings;
  seed: number;
  dryRun: boolean;
  /** Every fault is left out. */
  sham: boolean;
  /** The port of the live page; 0 for any. */
  live?: number;
  /** Ids of what a person confirms in advance. */
  confirm: string[];
  environment?: string;
}

/**
 * Runs scenarios one after another and judges each.
 * @returns the gravest exit code
 * @throws UserError for whatever is wrong in any of them, before the first is begun
 */
export async function run(files: string[], options: RunCommandOptions, io: Io): Promise<number> {
  const requests = options.report.map(parseReportRequest);
  if (files.length > 1 && requests.some(({ file }) => file !== undefined))
    throw new UserError([
      {
        severity: 'error',
        code: 'report-file',
        file: '--report',
        message:
          'one file cannot hold the reports of several scenarios: leave out "=FILE", each run folder holds its own',
      },
    ]);
  if (options.dryRun) return await showPlans(files, options, io);
  const loaded: Loaded[] = [];
  for (const file of files) loaded.push(await loadPlan(file, options));
  const here = process.env.CHAOS_ENVIRONMENT || undefined;
  const environment = environmentFor(loaded, { here, said: options.environment });
  checkConfirmations(loaded, options.confirm, process.stdin.isTTY);
  await showWarnings(loaded, io);
  await warnOfLeftovers(io);

  const codes: number[] = [];
  const signals = new Signals(io);
  for (const [index, { plan, sources }] of loaded.entries()) {
    if (signals.received) break;
    const id = runId();
    const folder = makeRunFolder(folderFor(options.output, id, files.length, index));
    const source = sources.get(plan.scenario.file);
    const about = {
      id,
      folder,
      confirmed: options.confirm,
      ...(environment === undefined ? {} : { environment }),
      ...(source === undefined ? {} : { source }),
    };
    if (options.live !== undefined) await tellLive(folder, options.live, io);
    const whole = options.sham ? shamOf(plan) : plan;
    const control = whole.control ? await runControl(whole, about, signals, io) : undefined;
    if (signals.received) codes.push(exitCodes.aborted);
    else
      codes.push(
        (await runOne({ plan: whole, ...about, ...(control ? { control } : {}) }, requests, signals, io)).code,
      );
  }
  signals.release();
  // What was never begun must not look green.
  if (codes.length < loaded.length) codes.push(exitCodes.aborted);
  return gravest(codes);
}

/** The page follows the log, which is there from the first event on. A run does not fail for it. */
async function tellLive({ events }: RunFolder, port: number, io: Io): Promise<void> {
  const { startLive } = await import('../../live/client.ts');
  const told = await startLive(entries.live, events, port).then(
    (url) => `Live: ${url}`,
    (error: Error) => error.message,
  );
  io.stderr.write(`${told}\n\n`);
}

interface OneRun {
  id: string;
  folder: RunFolder;
  confirmed: string[];
  environment?: string;
  source?: string;
  control?: Control;
}

/** The same without its faults, in a folder within that of the run. */
async function runControl(plan: Plan, about: OneRun, signals: Signals, io: Io): Promise<Control> {
  io.stderr.write('The control run, without faults, comes first.\n\n');
  const folder = makeRunFolder(join(about.folder.path, 'control'));
  const { report } = await runOne({ ...about, plan: shamOf(plan), id: `${about.id}-control`, folder }, [], signals, io);
  io.stderr.write('\n');
  const { run, verdict, reasons, probes, objectives } = report;
  return {
    run,
    verdict,
    reasons,
    probes: probes.map(({ id, availability, latencyMs }) => ({
      id,
      availability,
      latencyMs: latencyMs && percentiles(latencyMs),
    })),
    objectives: objectives.map(({ title, measuredText, outcome }) => ({ title, measuredText, outcome })),
  };
}

const percentiles = ({ p50, p95, p99 }: { p50: number; p95: number; p99: number }) => ({ p50, p95, p99 });

async function runOne(
  about: OneRun & { plan: Plan },
  requests: ReportRequest[],
  signals: Signals,
  io: Io,
): Promise<{ code: number; report: Report }> {
  const { plan, id, folder, ...how } = about;
  const fold = new RunFold();
  const answers = new TerminalAnswers();
  const console = await createConsole({
    stream: io.stderr,
    isTTY: io.isTTY,
    columns: io.columns,
    color: io.color,
    ci: io.ci,
  });
  const running = runPlan(plan, {
    run: id,
    version,
    folder,
    entries,
    listeners: [(event) => fold.add(event), (event) => console.add(event), (event) => answers.add(event)],
    ...how,
  });
  answers.direct(running);
  signals.direct(running);
  // A defect of ours is thrown only after what was seen is written.
  const defect = await running.done.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const told = fold.told();
  const { report } = told;
  const { files, failures } = await writeReports(told, folder.path, requests);
  console.finish(report, [folder.events, ...files]);
  if (process.env.GITHUB_ACTIONS || process.env.GITHUB_STEP_SUMMARY) {
    const { tellGithub } = await import('../../reporters/github/tell.ts');
    failures.push(...(await tellGithub(report, io.stdout)));
  }
  for (const { file, message } of failures) io.stderr.write(`The report ${file} could not be written: ${message}\n`);
  if (defect) throw defect.error;
  return { code: exitCodeFor(report, failures.length > 0), report };
}

/** A report that was asked for and is not there must not look green. */
const exitCodeFor = ({ exitCode }: Report, reportMissing: boolean): number =>
  exitCode === exitCodes.passed && reportMissing ? exitCodes.inconclusive : exitCode;

/** Signals that ask a run to end. Each ends it in order; a second one does not skip the undo. */
class Signals {
  static readonly #names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
  readonly #io: Io;
  readonly #handler: (signal: NodeJS.Signals) => void;
  received = false;
  #running: RunningPlan | undefined;
  #reason: string | undefined;

  constructor(io: Io) {
    this.#io = io;
    this.#handler = (signal) => this.#receive(signal);
    for (const name of Signals.#names) process.on(name, this.#handler);
  }

  /** The run that is to be ended when one arrives. */
  direct(running: RunningPlan): void {
    this.#running = running;
    if (this.#reason !== undefined) running.abort(this.#reason);
  }

  release(): void {
    for (const name of Signals.#names) process.off(name, this.#handler);
  }

  #receive(signal: NodeJS.Signals): void {
    if (this.received)
      this.#io.stderr.write('Still undoing; it will not be skipped. (chaos is safe to leave alone now.)\n');
    this.received = true;
    this.#reason ??= signal === 'SIGINT' ? 'interrupted (Ctrl-C)' : `ended by ${signal}`;
    this.#running?.abort(this.#reason);
  }
}

async function showPlans(files: string[], { set, seed }: RunCommandOptions, io: Io): Promise<number> {
  const { plan } = await import('./plan.ts');
  for (const file of files) await plan(file, { format: 'text', commands: true, set, seed }, io);
  io.stderr.write('Nothing was touched: this was a dry run.\n');
  return exitCodes.passed;
}

async function showWarnings(loaded: Loaded[], io: Io): Promise<void> {
  const warned = loaded.filter(({ warnings }) => warnings.length > 0);
  if (warned.length === 0) return;
  const { renderDiagnostics } = await import('../../parser/diagnostics/render.ts');
  for (const { warnings, sources } of warned) io.stderr.write(renderDiagnostics(warnings, sources));
}

async function warnOfLeftovers(io: Io): Promise<void> {
  for (const { run, goesOn, undos } of await knownRuns())
    if (!goesOn)
      io.stderr.write(`The run ${run} died and left ${plural(undos.length, 'thing')} to undo: chaos recover\n`);
}

const folderFor = (output: string | undefined, id: string, count: number, index: number): string => {
  if (output === undefined) return join('.chaos', 'runs', id);
  return count === 1 ? output : join(output, String(index + 1));
};

/** Sorts by time, and is told apart from others of the same second. */
function runId(): string {
  const [day, time] = new Date().toISOString().split('T') as [string, string];
  const random = Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  return `${day.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${random}`;
}

const byGravity = [exitCodes.defect, exitCodes.leftBehind, exitCodes.aborted, exitCodes.failed, exitCodes.inconclusive];
const gravest = (codes: number[]): number => byGravity.find((code) => codes.includes(code)) ?? exitCodes.passed;
