import type { InjectionReport, Report } from '../../../model/report.ts';
import type { Tone } from './dom.ts';

type Outcome = Report['steps'][number]['outcome'];

export const toneOfVerdict: Record<Report['verdict'], Tone> = {
  passed: 'good',
  failed: 'bad',
  aborted: 'doubt',
  inconclusive: 'doubt',
  error: 'bad',
};

export const toneOfOutcome: Record<Outcome, Tone> = {
  passed: 'good',
  failed: 'bad',
  skipped: 'quiet',
  unknown: 'doubt',
};

/** What became of an injection, in two or three words. */
export function injectionInWords({ state, effect, gone }: InjectionReport): { tone: Tone; word: string } {
  switch (state) {
    case 'not-begun':
      return { tone: 'quiet', word: 'never injected' };
    case 'failed':
      return { tone: 'doubt', word: 'could not be injected' };
    case 'stuck':
      return { tone: 'bad', word: 'could not be undone' };
    case 'in-force':
      return { tone: 'doubt', word: 'not seen to be undone' };
  }
  if (effect.seen !== 'seen') return { tone: 'doubt', word: 'effect not seen' };
  if (state === 'undone' && gone === false) return { tone: 'doubt', word: 'end not seen' };
  return { tone: 'good', word: state === 'instant' ? 'effect seen' : 'effect seen, undone' };
}

/** What the figures mean, for whoever points at them; `docs/report.md` has them all. */
export const meanings = {
  availability: 'Good samples among those measured, from the end of the baseline to the end of the recovery.',
  latency:
    'From the moment at which a sample was due to its good answer, so that a stall counts for every question asked in it.',
  outage: 'From the first bad sample to the first of the good ones that ended it.',
  timeToRecover:
    'Mean, over the faults that something failed after, from the start of the fault until every probe was healthy again.',
  consistency: 'Acknowledged writes that were kept exactly once.',
} as const;
