import { formatDuration } from '../../../../model/duration.ts';
import type { Report } from '../../../../model/report.ts';
import { formatOffset } from '../../../../text/offset.ts';
import { isGroup } from '../../../text/step-kind.ts';
import { injectionInWords } from '../words.ts';

/** Something that went on for a while, as a bar over time. */
export interface Bar {
  name: string;
  /** All that there is to say about it. */
  about: string;
  fromMs: number;
  toMs: number;
  look: 'phase' | 'fault' | 'fault doubt' | 'step' | 'step bad' | 'step doubt' | 'up';
}

export interface Lane {
  title: string;
  bars: Bar[];
}

/** What went on, from what lasts longest to what is shortest. */
export function lanesOf(report: Report): Lane[] {
  return [
    { title: 'phases', bars: phaseBars(report) },
    { title: 'targets', bars: targetBars(report) },
    { title: 'faults', bars: faultBars(report) },
    { title: 'steps', bars: stepBars(report) },
  ].filter(({ bars }) => bars.length > 0);
}

const phaseBars = ({ phases, durationMs }: Report): Bar[] =>
  phases.map(({ phase, startMs, endMs, outcome, message }) =>
    bar('phase', phase, `phase "${phase}" ${outcome}${message ? `: ${message}` : ''}`, startMs, endMs ?? durationMs),
  );

/** When the processes of targets were ready. */
const targetBars = ({ targets, durationMs }: Report): Bar[] =>
  targets.flatMap(({ id, starts }) =>
    starts
      .filter(({ readyMs }) => readyMs !== null)
      .map(({ readyMs, exitMs, pid }) =>
        bar('up', id, `${id}${pid === undefined ? '' : ` (pid ${pid})`} was up`, readyMs!, exitMs ?? durationMs),
      ),
  );

const faultBars = (report: Report): Bar[] =>
  report.injections.flatMap((injection) => {
    const { step, fault, target, actual, effect } = injection;
    if (actual.startMs === null) return [];
    const { tone, word } = injectionInWords(injection);
    const about = `${step}: ${fault}${target === undefined ? '' : ` on ${target}`}, ${word}: ${effect.summary}`;
    const fromMs = actual.inForceMs ?? actual.startMs;
    return [bar(tone === 'good' ? 'fault' : 'fault doubt', step, about, fromMs, actual.endMs ?? report.durationMs)];
  });

const stepBars = ({ steps, durationMs }: Report): Bar[] =>
  steps
    .filter(({ kind }) => !isGroup(kind) && kind !== 'inject')
    .flatMap(({ id, title, outcome, message, startMs, endMs }) => {
      if (startMs === null) return [];
      const look = outcome === 'failed' ? 'step bad' : outcome === 'unknown' ? 'step doubt' : 'step';
      const about = `${id}: ${title}, ${outcome}${message ? `: ${message}` : ''}`;
      return [bar(look, `${signs[outcome]} ${id}`, about, startMs, endMs ?? durationMs)];
    });

const signs = { passed: '✓', failed: '✗', unknown: '?', skipped: '–' } as const;

function bar(look: Bar['look'], name: string, about: string, fromMs: number, toMs: number): Bar {
  const when = toMs > fromMs ? `${formatOffset(fromMs)} for ${formatDuration(toMs - fromMs)}` : formatOffset(fromMs);
  return { look, name, about: `${about}\n${when}`, fromMs, toMs };
}
