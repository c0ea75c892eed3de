import { formatDuration } from '../../../model/duration.ts';
import { formatOffset } from '../../../text/offset.ts';
import { pad, shorten, widthOf } from '../../../text/width.ts';
import { markOfOutcome, type Paint, type Tone, toneOfOutcome } from '../paint.ts';
import type { Board, ProbeRow, StepRow } from './board.ts';

export interface Canvas {
  columns: number;
  /** Lines that may be drawn. */
  rows: number;
  /** The moment to draw, in the run's time. */
  nowMs: number;
  /** Counts up with each drawing. */
  tick: number;
  paint: Paint;
}

const spinner = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'];

/**
 * One picture of the run: what it does, the probes, and a window of the steps. Never more lines than fit, none longer
 * than the terminal is wide, and no more work for a thousand steps than for those that are seen.
 */
export function frame(board: Board, canvas: Canvas): string[] {
  const head = headLine(board, canvas);
  const probes = probeLines(board, canvas, Math.max(1, Math.floor(canvas.rows / 3)));
  const steps = stepLines(board, canvas, canvas.rows - 1 - probes.length);
  return [head, ...probes, ...steps].slice(0, Math.max(1, canvas.rows));
}

function headLine({ name, phase, phaseUntilMs, done, steps }: Board, { columns, nowMs, paint }: Canvas): string {
  const left = phaseUntilMs === null ? '' : `, ${formatLeft(phaseUntilMs, nowMs)} left`;
  const progress = phase === 'timeline' ? `, ${done} of ${steps.length}` : '';
  const state = `${phase}${progress}${left}  ${formatOffset(nowMs)}`;
  const room = columns - widthOf(state) - 2;
  if (room < 8) return paint('strong', shorten(state, columns));
  return `${paint('strong', pad(name, room))}  ${paint('quiet', state)}`;
}

function probeLines(board: Board, { columns, nowMs, paint }: Canvas, most: number): string[] {
  const all = board.probes;
  // When not all fit, those that fail are the ones to see.
  const rows = all.length <= most ? all : all.toSorted((a, b) => rank(a) - rank(b)).slice(0, most - 1);
  const idWidth = Math.min(24, Math.max(0, ...rows.map(({ id }) => widthOf(id))));
  const lines = rows.map(({ id, state }) => {
    const { tone, text } = probeText(state, nowMs);
    return styled(columns, paint, [
      [tone, '●'],
      ['plain', pad(id, idWidth)],
      [state.is === 'failing' ? 'bad' : 'quiet', text],
    ]);
  });
  const hidden = all.length - rows.length;
  return hidden === 0 ? lines : [...lines, paint('quiet', shorten(`  and ${hidden} more probes`, columns))];
}

const rank = ({ state }: ProbeRow): number => ['failing', 'unknown', 'healthy'].indexOf(state.is);

function probeText(state: ProbeRow['state'], nowMs: number): { tone: Tone; text: string } {
  switch (state.is) {
    case 'unknown':
      return { tone: 'quiet', text: 'not measured yet' };
    case 'healthy':
      return { tone: 'good', text: 'healthy' };
    case 'failing':
      return { tone: 'bad', text: `failing for ${formatLeft(nowMs, state.sinceMs)}: ${state.reason}` };
  }
}

function stepLines({ steps, focus }: Board, canvas: Canvas, most: number): string[] {
  if (most < 1) return [];
  if (steps.length <= most) return steps.map((row) => stepLine(row, canvas));
  const { columns, paint } = canvas;
  const room = Math.max(1, most - 2);
  const first = Math.max(0, Math.min(focus - Math.floor(room / 3), steps.length - room));
  const more = (count: number, where: string): string[] =>
    count > 0 ? [paint('quiet', shorten(`  … ${count} more ${where}`, columns))] : [];
  return [
    ...more(first, 'above'),
    ...steps.slice(first, first + room).map((row) => stepLine(row, canvas)),
    ...more(steps.length - first - room, 'below'),
  ];
}

function stepLine(row: StepRow, { columns, nowMs, tick, paint }: Canvas): string {
  const { id, title, depth, state, untilMs, note } = row;
  const left = untilMs === null ? '' : `${formatLeft(untilMs, nowMs)} left`;
  const indent = ' '.repeat(Math.min(depth, 6) * 2);
  const [tone, mark] = markOf(state, tick);
  return styled(columns, paint, [
    [tone, mark],
    [state === 'waiting' ? 'quiet' : 'plain', `${indent}${id}: ${title}`],
    ['strong', left],
    [state === 'failed' ? 'bad' : 'quiet', note],
  ]);
}

function markOf(state: StepRow['state'], tick: number): [Tone, string] {
  switch (state) {
    case 'waiting':
      return ['quiet', '·'];
    case 'running':
      return ['harm', spinner[tick % spinner.length]!];
    default:
      return [toneOfOutcome[state], markOfOutcome[state]];
  }
}

/** Joins parts with blanks between them, cut to the width before colour is added. */
function styled(columns: number, paint: Paint, parts: [Tone, string][]): string {
  let left = columns;
  const shown: string[] = [];
  for (const [tone, text] of parts) {
    const room = left - (shown.length > 0 ? 1 : 0);
    if (text === '' || room < 1) continue;
    const cut = shorten(text, room);
    shown.push(paint(tone, cut));
    left = room - widthOf(cut);
  }
  return shown.join(' ');
}

/** Whole tenths, so that a countdown does not flicker. */
function formatLeft(untilMs: number, nowMs: number): string {
  return formatDuration(Math.max(0, Math.round((untilMs - nowMs) / 100) * 100));
}
