import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import { foldReport } from '../../src/reporters/fold.ts';
import { code, table, text } from '../../src/reporters/markdown/text.ts';
import { reportAsMarkdown } from '../../src/reporters/markdown/write.ts';
import { oneLine } from '../../src/text/clean.ts';
import { withControl } from './support/beside.ts';
import { hostileText, hostileTexts } from './support/hostile.ts';
import { kill, planOf, probe, run } from './support/plans.ts';
import { shopFails, shopPasses } from './support/shop.ts';
import { Story, unseen } from './support/story.ts';

/** As GitHub reads it: with tables, HTML and links that nobody marked as such. */
const parser = new MarkdownIt({ html: true, linkify: true });

/** What a reader sees of it. */
const shown = (html: string): string =>
  html
    .replace(/<[^>]*>/g, '')
    .replaceAll('\u200b', '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');

const tagsOf = (html: string): string[] => [...html.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, name]) => name!);

test('a run that passes is told in a few lines', () => {
  expect(reportAsMarkdown(foldReport(shopPasses().events))).toMatch(
    /^## ✅ Passed: Orders survive a database failure\n\nAll 3 objectives were kept under 2 faults, and everything was undone\.\n\n### Objectives\n\n\| {2}\| Objective \| Measured \| Samples \|\n\| --- \| --- \| --- \| --- \|\n\| ✅ \| availability of orders-answer &gt;= 90% \| \*\*90\.\d+%\*\* \| 64 \|\n/,
  );
});

test('a run that fails says which steps failed, and where they stand', () => {
  const story = shopFails();
  const { line } = story.plan.steps.find(({ id }) => id === 'check')!.place;
  const markdown = reportAsMarkdown(foldReport(story.events));
  expect(markdown).toContain(
    `- **check: run check** \`scenarios/db-failure.yaml:${line}\`<br>node exited with 1, expected 0: 2 orders are missing\n`,
  );
  expect(markdown).toContain('| ✅ | **crash** process-kill on postgres | 0:06.05 | pid 101 is gone;');
  expect(markdown).toContain('| orders-kept | 57 | 2 | 0 | – | – | `r-1-000041`, `r-1-000042` |');
});

test('what is folded away is Markdown, too', () => {
  const html = parser.render(reportAsMarkdown(foldReport(shopFails().events)));
  expect(html.match(/<details>/g)!.length).toBe(html.match(/<\/details>/g)!.length);
  expect(html).toMatch(/<summary>Probes<\/summary>\s*<table>[\s\S]*<td>orders-answer<\/td>/);
});

test('a run without its faults says so, and one beside a control run shows both', () => {
  const report = foldReport(shopPasses().events);
  expect(reportAsMarkdown({ ...report, isSham: true })).toContain('\n**A sham run**: every fault was left out.\n');
  expect(reportAsMarkdown(withControl(report))).toContain('| orders-answer | 87.5% | 90.63% | 2ms | 5ms |');
});

describe('whatever others wrote is shown as it is', () => {
  test.each([
    '# no heading',
    '- no list',
    '1. no list either',
    '* * *',
    'a | b',
    '[a](http://example.org) ![b](c)',
    'see http://example.org and www.example.org, mail a@example.org',
    '`code` ``more`` ~~gone~~ **bold** _leaning_',
    'a\\|b \\',
    '$x^2$ &amp; &lt;',
    '<details><b>x</b></details>',
    ...hostileTexts,
  ])('%j', (hostile) => {
    for (const markdown of [`## ${text(hostile)}`, `- ${text(hostile)}`, text(hostile)]) {
      const html = parser.render(markdown);
      expect(tagsOf(html).filter((tag) => !['h2', 'ul', 'li', 'p'].includes(tag))).toEqual([]);
    }
  });

  test('in a line, in a cell and as code', () => {
    fc.assert(
      fc.property(hostileText, (hostile) => {
        const wanted = oneLine(hostile).replace(/\s+/g, ' ');
        const seen = (markdown: string): string => shown(parser.render(markdown)).trim().replace(/\s+/g, ' ');
        expect(seen(`x ${text(hostile, 1e6)}`)).toBe(`x ${wanted}`.trim());
        const cells = parser.render(table(['a', 'b'], [[`x${text(hostile, 1e6)}x`, code(hostile)]]).join('\n'));
        expect(cells.match(/<td>/g)).toHaveLength(2);
        expect(
          tagsOf(cells).filter((tag) => !['table', 'thead', 'tbody', 'tr', 'th', 'td', 'code'].includes(tag)),
        ).toEqual([]);
        expect(shown(cells).replace(/\s+/g, ' ')).toContain(`x${wanted}x`);
      }),
    );
  });

  test('nobody is mentioned, and no issue is named', () => {
    expect(text('thanks @octocat, see #12 and org/repo#3')).toBe(
      'thanks @&#8203;octocat, see &#35;&#8203;12 and org/repo&#35;&#8203;3',
    );
  });

  test.each(hostileTexts)('%j in every place', (hostile) => {
    const plan = planOf({
      scenario: { file: hostile, name: hostile, tags: [hostile] },
      parameters: { [hostile]: hostile },
      probes: [probe(hostile)],
      steps: [{ ...run('a'), title: hostile }, kill('crash', hostile)],
    });
    const story = new Story(plan)
      .healthyStart()
      .strike('crash', unseen(hostile))
      .starts('a')
      .ends('a', 'failed', hostile)
      .tell({
        type: 'samples',
        probe: hostile,
        samples: [{ dueMs: 1100, lateMs: 0, latencyMs: 1, state: 'bad', reason: hostile }],
      })
      .tell({ type: 'abort-requested', reason: hostile })
      .takeDown();
    const html = parser.render(reportAsMarkdown(foldReport(story.events)));
    const known = 'h2 h3 p table thead tbody tr th td ul li br strong code details summary'.split(' ');
    expect(tagsOf(html).filter((tag) => !known.includes(tag))).toEqual([]);
  });
});

test('a long run fits a comment of GitHub', () => {
  const steps = Array.from({ length: 500 }, (_, index) => run(`step-${index}`));
  const story = new Story(planOf({ steps })).healthyStart();
  for (const { id } of steps) story.starts(id).ends(id, 'failed', 'no '.repeat(1000));
  expect(reportAsMarkdown(foldReport(story.healthyEnd().events)).length).toBeLessThan(65_536);
});
