import { timerMs } from '../model/duration.ts';

/** One series of moments, `everyMs` apart, that nothing delays. */
export interface Series {
  everyMs: number;
  /** Called once for each moment, in order, also when it is late: how late is the caller's to see. */
  onDue(dueMs: number): void;
}

interface Running {
  series: Series;
  firstMs: number;
  /** How many moments were due. */
  count: number;
}

/** Below it a timer is too coarse: it fires on whole milliseconds, up to one too late. */
const spinMs = 1;
/** Up to so many moments a millisecond the exactness costs 5 % of a core; at 1,000 a second it would take all of one. */
const densestSpun = 0.1;

/**
 * Moments of several series, on one timer that is armed anew for the next of them: delays never add up. The last
 * fraction of a millisecond is waited for in the event loop, unless there are so many moments that it would never rest.
 */
export class Schedule {
  readonly #now: () => number;
  readonly #running: Running[];
  readonly #isDense: boolean;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #isStopped = false;

  /** Starts at `startMs` or soon after, however rare a series is; they are spread, so that they do not all ask at once. */
  constructor(series: Series[], startMs: number, now: () => number) {
    this.#now = now;
    this.#isDense = series.reduce((sum, { everyMs }) => sum + 1 / everyMs, 0) > densestSpun;
    this.#running = series.map((one, index) => ({
      series: one,
      firstMs: startMs + phase(index) * Math.min(one.everyMs, widestSpreadMs),
      count: 0,
    }));
    this.#arm();
  }

  /** No moment is due any more. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  readonly #fire = (): void => {
    for (const one of this.#running) {
      for (let dueMs = next(one); dueMs <= this.#now() && !this.#isStopped; dueMs = next(one)) {
        one.count += 1;
        one.series.onDue(dueMs);
      }
    }
    this.#arm();
  };

  #arm(): void {
    if (this.#isStopped || this.#running.length === 0) return;
    const leftMs = Math.min(...this.#running.map(next)) - this.#now();
    if (leftMs < spinMs && !this.#isDense) this.#immediate = setImmediate(this.#fire);
    else this.#timer = setTimeout(this.#fire, timerMs(Math.max(1, Math.floor(leftMs))));
  }
}

/** A multiple, not a sum: the errors of a day's additions would be seen. */
const next = ({ series, firstMs, count }: Running): number => firstMs + count * series.everyMs;

/** A probe that is asked every ten seconds is not to keep the baseline waiting for that long. */
const widestSpreadMs = 250;

/** Where in the spread a series begins, 0..1: the golden ratio spreads any number of them evenly. */
const phase = (index: number): number => (index * 0.618_033_988_749_895) % 1;
