import type { RunEvent } from '../../model/event.ts';
import { ProbeCourse } from './course.ts';

/** What the probes saw over time, coarse enough to be drawn at once however long the run was. */
export interface Picture {
  probes: Course[];
}

/**
 * What one probe saw, in slices of time that follow on one another: the lists have one entry for each. Samples lie where
 * they were due. Latencies are those of good answers, in milliseconds, `null` where there was none; median and p95 of a
 * slice with more than 32 good answers are accurate to 5 %, all else is exact.
 */
export interface Course {
  probe: string;
  /** When the first slice begins, in milliseconds from the run's start. */
  startMs: number;
  widthMs: number;
  good: number[];
  bad: number[];
  unmeasured: number[];
  min: (number | null)[];
  median: (number | null)[];
  p95: (number | null)[];
  max: (number | null)[];
  /** Why answers were bad or could not be had, each once, at most 50. */
  reasons: string[];
  /** Of each slice with one, the first reason: an index into `reasons`. */
  reason: Record<number, number>;
}

/** Slices of all probes together: what a file of three megabytes holds. */
const mostSlices = 40_960;
const mostSlicesOfOne = 4096;
const fewestSlicesOfOne = 64;

/** Folds the events of a run into its picture, in memory that does not grow with its samples. */
export class PictureFold {
  readonly #courses = new Map<string, ProbeCourse>();
  #begun = false;

  add(event: RunEvent): void {
    if (event.type === 'run-started' && !this.#begun) {
      this.#begun = true;
      const { probes } = event.plan;
      const most = slicesOfEach(probes.length);
      for (const { id, every } of probes) this.#courses.set(id, new ProbeCourse(id, every, most));
    }
    if (event.type === 'samples') {
      const course = this.#courses.get(event.probe);
      if (course) for (const sample of event.samples) course.add(sample);
    }
  }

  picture(): Picture {
    return { probes: [...this.#courses.values()].map((course) => course.course()) };
  }
}

const slicesOfEach = (probes: number): number =>
  Math.max(fewestSlicesOfOne, Math.min(mostSlicesOfOne, Math.floor(mostSlices / Math.max(1, probes))));
