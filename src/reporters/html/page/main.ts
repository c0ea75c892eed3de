import 'uplot/dist/uPlot.min.css';
import './style.css';
import type { PageData } from '../page-data.ts';
import { environment, leftBehind, scenarioSource } from './about.ts';
import { besideControl, usualTargets } from './beside.ts';
import { h } from './dom.ts';
import { faults } from './faults.ts';
import { consistency, objectives, outages, probes, steps } from './findings.ts';
import { header } from './header.ts';
import { openDetails, reopenDetails } from './kept.ts';
import { follow, liveHeader } from './live.ts';
import { openForPaper } from './paper.ts';
import { picture } from './picture/picture.ts';
import type { View } from './picture/view.ts';

const first: PageData = JSON.parse(document.getElementById('run')!.textContent!);
const page = document.getElementById('page')!;
let last: Shown | undefined;

show(first);
openForPaper();
openTarget();
window.addEventListener('hashchange', openTarget);
if (first.live && !first.live.isOver) void follow(show);

/** Of the page as it was shown last: which part of the timeline, and what ends with it. */
interface Shown {
  view: View;
  ended: AbortController;
}

/** Shows the run as it is now. What somebody looks at (a part of the timeline, what was unfolded) stays. */
function show(data: PageData): void {
  const { report } = data;
  const isOpen = openDetails(page);
  last?.ended.abort();
  const ended = new AbortController();
  const timeline = picture(data, ended.signal, last?.view);
  last = { view: timeline.view, ended };
  const parts = [
    data.live && !data.live.isOver ? liveHeader(report) : header(report),
    leftBehind(data),
    timeline.part,
    objectives(data),
    usualTargets(data),
    besideControl(data),
    faults(data),
    consistency(data),
    outages(data),
    steps(data),
    probes(data),
    environment(data),
    scenarioSource(data),
  ].filter((part) => part !== undefined);
  page.replaceChildren(...parts, h('footer', { class: 'quiet' }, `chaos ${report.version}, run ${report.run}`));
  reopenDetails(page, isOpen);
}

/** A link to a line of a source that is folded away opens it. */
function openTarget(): void {
  const target = location.hash === '' ? null : document.getElementById(location.hash.slice(1));
  target?.closest('details')?.setAttribute('open', '');
  target?.scrollIntoView({ block: 'center' });
}
