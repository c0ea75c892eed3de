import { Listr, type ListrTask } from 'listr2';
import type { Outcome, RunEvent } from '../../../model/event.ts';
import type { Output } from '../../../model/output.ts';
import type { Plan } from '../../../model/plan.ts';
import type { Report } from '../../../model/report.ts';
import type { Paint } from '../paint.ts';
import type { ConsoleReporter } from '../reporter.ts';
import { summaryLines } from '../summary.ts';
import { Board } from './board.ts';
import { Drawing } from './drawing.ts';
import { BoardRenderer } from './renderer.ts';

/** For a person at a terminal: a picture of the run that is drawn over, then a summary. */
export class LiveConsole implements ConsoleReporter {
  readonly #stream: Output;
  readonly #columns: number;
  readonly #paint: Paint;
  #run: LiveRun | undefined;

  constructor({ stream, columns }: { stream: Output; columns: number }, paint: Paint) {
    this.#stream = stream;
    this.#columns = columns;
    this.#paint = paint;
  }

  add(event: RunEvent): void {
    if (event.type === 'run-started') this.#run ??= this.#begin(event.plan);
    this.#run?.add(event);
  }

  finish(report: Report, files: string[]): void {
    this.#run?.end();
    const columns = this.#stream.columns || this.#columns;
    this.#stream.write(`\n${summaryLines(report, files, columns, this.#paint).join('\n')}\n`);
  }

  #begin(plan: Plan): LiveRun {
    return new LiveRun(plan, { stream: this.#stream, columns: this.#columns, paint: this.#paint });
  }
}

/** Keeps the board and listr2's list of tasks up with the events. */
class LiveRun {
  readonly #board: Board;
  readonly #drawing: Drawing;
  readonly #gates = new Map<string, Gate>();
  /** Phases follow the last step: the list is not done before the run is. */
  readonly #whole = new Gate();

  constructor(plan: Plan, screen: { stream: Output; columns: number; paint: Paint }) {
    this.#board = new Board(plan);
    this.#drawing = new Drawing(this.#board, screen);
    const tasks = plan.steps.map(({ id, title }) => {
      const gate = new Gate();
      this.#gates.set(id, gate);
      return taskOf(title, gate);
    });
    const list = new Listr([...tasks, taskOf(plan.scenario.name, this.#whole)], {
      concurrent: true,
      exitOnError: false,
      // Ctrl-C is the runner's: it undoes what is in force.
      registerSignalListeners: false,
      renderer: BoardRenderer,
      rendererOptions: { drawing: this.#drawing },
    });
    void list.run();
  }

  add(event: RunEvent): void {
    this.#board.add(event);
    if (event.type === 'step-ended') this.#gates.get(event.step)?.pass(event.outcome, event.message);
  }

  end(): void {
    // At once: what listr2 does by itself comes some turns of promises later, after the summary.
    this.#drawing.stop();
    for (const gate of this.#gates.values()) gate.pass('skipped');
    this.#whole.pass('passed');
  }
}

type End = { outcome: Outcome; message: string | undefined };

/** A task waits here until the events say how it ended. */
class Gate {
  readonly passed: Promise<End>;
  #pass!: (end: End) => void;

  constructor() {
    this.passed = new Promise((resolve) => {
      this.#pass = resolve;
    });
  }

  pass(outcome: Outcome, message?: string): void {
    this.#pass({ outcome, message });
  }
}

const taskOf = (title: string, gate: Gate): ListrTask<unknown, typeof BoardRenderer, typeof BoardRenderer> => ({
  title,
  async task(_, task) {
    const { outcome, message } = await gate.passed;
    if (outcome === 'skipped') task.skip(message);
    else if (outcome !== 'passed') throw new Error(message ?? outcome);
  },
});
