import { formatDuration } from '../../../model/duration.ts';
import type { Report } from '../../../model/report.ts';
import type { PageData } from '../page-data.ts';
import { h } from './dom.ts';

const everyMs = 1000;

/** Asks for the run as it is now, again and again, until it is over or nobody answers any more. */
export async function follow(show: (data: PageData) => void): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    const data = await ask();
    if (!data) return lost();
    // What somebody points at does not vanish under the pointer.
    if (!isPointedAt() || data.live?.isOver) show(data);
    if (data.live?.isOver) return;
  }
}

async function ask(): Promise<PageData | undefined> {
  try {
    const response = await fetch('data');
    return response.ok ? ((await response.json()) as PageData) : undefined;
  } catch {
    return undefined;
  }
}

const isPointedAt = (): boolean =>
  document.getElementById('tooltip')?.hidden === false || !(getSelection()?.isCollapsed ?? true);

function lost(): void {
  const badge = document.querySelector('.live .badge');
  if (badge) badge.textContent = 'Connection lost: the run may go on without this page';
}

/** What goes on, and the button that ends it. */
export function liveHeader({ scenario, phases, durationMs, injections, outages }: Report): HTMLElement {
  const phase = phases.findLast(({ endMs }) => endMs === null)?.phase ?? 'start';
  const inForce = injections.filter(({ state }) => state === 'in-force').map(({ step, fault }) => `${step} (${fault})`);
  const down = [...new Set(outages.filter(({ endMs }) => endMs === null).map(({ probe }) => probe))];
  return h(
    'header',
    { class: 'verdict live' },
    h('p', { class: 'badge' }, `● Running: ${phase}, ${formatDuration(Math.round(durationMs / 1000) * 1000)}`),
    h('h1', {}, scenario.name),
    h('p', { class: 'why' }, inForce.length === 0 ? 'No fault is in force.' : `In force: ${inForce.join(', ')}.`),
    h('p', { class: 'why' }, down.length === 0 ? 'Every probe is well.' : `Failing: ${down.join(', ')}.`),
    stopButton(),
  );
}

function stopButton(): HTMLElement {
  const button = h('button', { type: 'button', class: 'stop', on: { click: stop } }, '■ Stop and undo everything');
  if (isStopping) disable(button);
  return button;
}

/** Outlives the header, which is made anew each time. */
let isStopping = false;

async function stop(event: Event): Promise<void> {
  isStopping = true;
  disable(event.currentTarget as HTMLElement);
  await fetch('stop', { method: 'POST' }).catch(() => undefined);
}

function disable(button: HTMLElement): void {
  button.setAttribute('disabled', '');
  button.textContent = 'Stopping: everything is being undone';
}
