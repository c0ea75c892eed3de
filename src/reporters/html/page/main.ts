import 'uplot/dist/uPlot.min.css';
import './style.css';
import type { PageData } from '../page-data.ts';
import { environment, leftBehind, scenarioSource } from './about.ts';
import { h } from './dom.ts';
import { faults } from './faults.ts';
import { consistency, objectives, outages, probes, steps } from './findings.ts';
import { header } from './header.ts';
import { openForPaper } from './paper.ts';
import { picture } from './picture/picture.ts';

const data: PageData = JSON.parse(document.getElementById('run')!.textContent!);
const page = document.getElementById('page')!;

const parts = [
  header(data.report),
  leftBehind(data),
  picture(data),
  objectives(data),
  faults(data),
  consistency(data),
  outages(data),
  steps(data),
  probes(data),
  environment(data),
  scenarioSource(data),
].filter((part) => part !== undefined);
page.append(...parts, h('footer', { class: 'quiet' }, `chaos ${data.report.version}, run ${data.report.run}`));
openForPaper();
openTarget();
window.addEventListener('hashchange', openTarget);

/** A link to a line of a source that is folded away opens it. */
function openTarget(): void {
  const target = location.hash === '' ? null : document.getElementById(location.hash.slice(1));
  target?.closest('details')?.setAttribute('open', '');
  target?.scrollIntoView({ block: 'center' });
}
