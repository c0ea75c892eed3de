import type UPlot from 'uplot';
import type { Report } from '../../../../model/report.ts';
import type { Course } from '../../../picture/picture.ts';
import { stretches } from './course.ts';
import { ink, thin } from './ink.ts';

/** Behind the lines: the time in which a fault was in force, and that in which this probe was out. */
export function drawShades(plot: UPlot, probe: string, { injections, outages, durationMs }: Report): void {
  const { ctx } = plot;
  ctx.save();
  clip(plot);
  for (const { actual } of injections) {
    const fromMs = actual.inForceMs ?? actual.startMs;
    if (fromMs === null) continue;
    const { left, width } = across(plot, fromMs, actual.endMs ?? durationMs);
    ctx.fillStyle = thin(ink.harm, 0.13);
    ctx.fillRect(left, plot.bbox.top, width, plot.bbox.height);
    edge(plot, left, ink.harm, []);
  }
  for (const { startMs, endMs } of outages.filter((outage) => outage.probe === probe)) {
    const { left, width } = across(plot, startMs, endMs ?? durationMs);
    ctx.fillStyle = thin(ink.bad, 0.16);
    ctx.fillRect(left, plot.bbox.top, width, plot.bbox.height);
    edge(plot, left, ink.bad, [4, 3]);
    if (endMs !== null) edge(plot, left + width, ink.bad, [4, 3]);
  }
  ctx.restore();
}

/** Below the lines a strip: thin where answers were good, a full hatched block where they were bad, dots where none could be had. */
export function drawStates(plot: UPlot, course: Course): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const full = 11 * ratio;
  const bottom = bbox.top + bbox.height - 2 * ratio;
  ctx.save();
  clip(plot);
  for (const { state, fromMs, toMs } of stretches(course)) {
    const { left, width } = across(plot, fromMs, toMs);
    if (left > bbox.left + bbox.width || left + width < bbox.left) continue;
    if (state === 'good') {
      ctx.fillStyle = ink.good;
      ctx.fillRect(left, bottom - 3 * ratio, width, 3 * ratio);
    } else if (state === 'bad') {
      ctx.fillStyle = ink.bad;
      ctx.fillRect(left, bottom - full, Math.max(width, 2.5 * ratio), full);
      hatch(ctx, { left, top: bottom - full, width, height: full }, 5 * ratio);
    } else {
      ctx.fillStyle = ink.quiet;
      for (let x = left; x < left + Math.max(width, 1); x += 5 * ratio)
        ctx.fillRect(x, bottom - 6 * ratio, 2 * ratio, 2 * ratio);
    }
  }
  ctx.restore();
}

function hatch(
  ctx: CanvasRenderingContext2D,
  box: { left: number; top: number; width: number; height: number },
  every: number,
): void {
  if (box.width < every * 2) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.left, box.top, box.width, box.height);
  ctx.clip();
  ctx.strokeStyle = thin(ink.surface, 0.55);
  ctx.lineWidth = every / 4;
  ctx.beginPath();
  for (let x = box.left - box.height; x < box.left + box.width; x += every) {
    ctx.moveTo(x, box.top + box.height);
    ctx.lineTo(x + box.height, box.top);
  }
  ctx.stroke();
  ctx.restore();
}

function edge({ ctx, bbox }: UPlot, x: number, color: string, dash: number[]): void {
  ctx.strokeStyle = thin(color, 0.7);
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.setLineDash([]);
}

/** Where a stretch of time lies on the canvas; never too narrow to be seen. */
function across(plot: UPlot, fromMs: number, toMs: number): { left: number; width: number } {
  const left = plot.valToPos(fromMs, 'x', true);
  return { left, width: Math.max(1.5 * devicePixelRatio, plot.valToPos(toMs, 'x', true) - left) };
}

function clip({ ctx, bbox }: UPlot): void {
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
}
