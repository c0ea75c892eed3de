import { formatDuration } from '../../../model/duration.ts';
import type { InjectionReport } from '../../../model/report.ts';
import { formatOffset } from '../../../text/offset.ts';
import type { PageData } from '../page-data.ts';
import { chip, details, facts, h, placeLink, section } from './dom.ts';
import { injectionInWords } from './words.ts';

export function faults(data: PageData): HTMLElement | undefined {
  return section('faults', 'Faults and their effect', ...data.report.injections.map((one) => faultCard(one, data)));
}

function faultCard(injection: InjectionReport, { report, source }: PageData): HTMLElement {
  const { step, fault, target, effect, parameters, message, planned, actual, place, inject, undo } = injection;
  const { tone, word } = injectionInWords(injection);
  const title = report.steps.find(({ id }) => id === step)?.title ?? fault;
  return h(
    'article',
    { class: 'card', id: `fault-${step}` },
    h('h3', {}, h('span', { class: 'id' }, step), ' ', title, ' ', chip(tone, word)),
    h('p', { class: 'effect' }, effect.summary),
    message !== undefined && h('p', { class: 'note' }, message),
    facts([
      ['Target', target],
      ['In force', inForce(actual)],
      [
        'Planned',
        `${formatOffset(planned.startMs)}${planned.endMs === null ? '' : ` to ${formatOffset(planned.endMs)}`}`,
      ],
      ['What the probes saw', recoveryInWords(injection)],
      ['Parameters', written(parameters)],
      ['Measured', written(effect.figures)],
      ['Asked at', placeLink(report.scenario.file, place.line, source !== null)],
    ]),
    inject.length + undo.length > 0 &&
      details(
        'What was done, and what undid it',
        h(
          'pre',
          {},
          [
            ...inject.map((one) => `do    ${JSON.stringify(one)}`),
            ...undo.map((one) => `undo  ${JSON.stringify(one)}`),
          ].join('\n'),
        ),
      ),
  );
}

function inForce({ startMs, inForceMs, endMs }: InjectionReport['actual']): string | undefined {
  if (startMs === null) return undefined;
  const from = inForceMs ?? startMs;
  if (endMs === null) return `from ${formatOffset(from)}`;
  return endMs === from
    ? `at ${formatOffset(from)}`
    : `${formatOffset(from)} to ${formatOffset(endMs)} (${formatDuration(endMs - from)})`;
}

function recoveryInWords({ recovery, actual, state }: InjectionReport): string | undefined {
  const { failedMs, timeToDetectMs, timeToRecoverMs } = recovery;
  if (actual.startMs === null || state === 'failed') return undefined;
  if (failedMs === null) return 'none failed';
  return `failed after ${formatDuration(timeToDetectMs ?? 0)}, ${timeToRecoverMs === null ? 'did not recover' : `healthy after ${formatDuration(timeToRecoverMs)}`}`;
}

const written = (values: Record<string, unknown>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${valueInWords(value)}`)
    .join(' · ');

function valueInWords(value: unknown): string {
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
  if (Array.isArray(value)) return value.map(valueInWords).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
