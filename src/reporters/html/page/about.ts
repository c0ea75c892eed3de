import { residueInWords } from '../../../model/residue.ts';
import type { PageData } from '../page-data.ts';
import { chip, details, facts, h, section, table } from './dom.ts';
import { toneOfOutcome } from './words.ts';

/** What could not be undone, or was found afterwards. */
export function leftBehind({ report: { leftovers, residue } }: PageData): HTMLElement | undefined {
  const rows = leftovers.map(({ message, command }) => [message, h('code', {}, command)]);
  const found = residue?.residue.map(residueInWords) ?? [];
  return section(
    'left-behind',
    'Left behind',
    rows.length > 0 && table(['What', 'Undo it with'], rows),
    found.length > 0 && h('ul', {}, ...found.map((line) => h('li', {}, line))),
  );
}

export function environment({ report }: PageData): HTMLElement | undefined {
  const { host, scenario, parameters, residue, checklist } = report;
  const settings = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return section(
    'environment',
    'Run and environment',
    facts([
      ['Run', h('code', {}, report.run)],
      ['Started', startedAt(report.startedAt)],
      ['Scenario', h('code', {}, scenario.file)],
      ['Owner', scenario.owner],
      ['Tags', scenario.tags.join(', ')],
      ['Seed', h('code', {}, String(report.seed))],
      ['Parameters', settings.join(', ')],
      ['Environment', report.environment],
      ['chaos', report.version],
      ['Node.js', host.node],
      ['System', `${host.platform} ${host.release}, ${host.arch}`],
      ['Machine', `${host.cpus} processors, ${(host.memoryBytes / 2 ** 30).toFixed(1)} GiB of memory`],
      ['Exit code', String(report.exitCode)],
      ['Looked for leftovers', residue ? residue.looked.join(', ') || 'nothing to look at' : 'no'],
    ]),
    checklist.length > 0 &&
      table(
        ['Outcome', 'Checklist', 'Said'],
        checklist.map(({ title, outcome, message }) => [chip(toneOfOutcome[outcome], outcome), title, message ?? '']),
      ),
    h('p', { class: 'quiet' }, 'The same again: ', h('code', {}, `chaos run ${scenario.file} --seed ${report.seed}`)),
  );
}

const startedAt = (time: string): string => time.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');

/** The scenario as it was written; lines that something went wrong at are marked. */
export function scenarioSource({ report, source }: PageData): HTMLElement | undefined {
  if (source === null) return undefined;
  const wrong = new Set(
    [...report.steps, ...report.objectives, ...report.checklist]
      .filter(({ outcome }) => outcome === 'failed' || outcome === 'unknown')
      .map(({ place }) => place.line),
  );
  const lines = source.replace(/\n$/, '').split('\n');
  const code = h(
    'code',
    {},
    ...lines.map((line, index) => {
      const isWrong = wrong.has(index + 1);
      return h(
        'span',
        {
          id: `L${index + 1}`,
          class: isWrong ? 'line wrong' : 'line',
          ...(isWrong ? { title: 'something went wrong here' } : {}),
        },
        `${line}\n`,
      );
    }),
  );
  const block = details(
    `${report.scenario.file}, ${lines.length} lines`,
    h('pre', { class: 'source', tabindex: 0, label: 'Scenario' }, code),
  );
  block.toggleAttribute('open', lines.length <= 200 || wrong.size > 0);
  return section('scenario', 'Scenario', block);
}
