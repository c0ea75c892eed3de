import type { RunEvent } from '../model/event.ts';
import type { Report } from '../model/report.ts';
import { type Latencies, ReportFold } from './fold.ts';
import { type Picture, PictureFold } from './picture/picture.ts';

/** All that the reports of a run are made of. */
export interface ToldRun {
  report: Report;
  picture: Picture;
  /** The scenario as its author wrote it; a run of an earlier version does not tell it. */
  source?: string;
}

/** Folds the events of a run into what its reports are made of, in memory that does not grow with its samples. */
export class RunFold {
  readonly #report = new ReportFold();
  readonly #picture = new PictureFold();
  #source: string | undefined;

  add(event: RunEvent): void {
    if (event.type === 'run-started') this.#source ??= event.source;
    this.#report.add(event);
    this.#picture.add(event);
  }

  /** How long the good answers of each probe took: what runs are compared by. */
  latencies(): Latencies {
    return this.#report.latencies();
  }

  /**
   * What the run came to, with what was added so far. Nothing may be added after it.
   * @throws Error when there was no `run-started`
   */
  told(): ToldRun {
    return {
      report: this.#report.report(),
      picture: this.#picture.picture(),
      ...(this.#source === undefined ? {} : { source: this.#source }),
    };
  }
}
