import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { pageDataOf } from '../../src/reporters/html/page-data.ts';
import { reportAsHtml } from '../../src/reporters/html/write.ts';
import { hostileTexts } from './support/hostile.ts';
import { kill, planOf, probe, processTarget, run } from './support/plans.ts';
import { shopFails, shopPasses } from './support/shop.ts';
import { Story, unseen } from './support/story.ts';
import { told } from './support/told.ts';

const failed = told(shopFails());
const html = reportAsHtml(failed);

/** The content of an element that appears once. */
const contentOf = (page: string, open: string, close: string): string => {
  expect(page.split(open)).toHaveLength(2);
  return page.split(open)[1]!.split(close)[0]!;
};
const dataIn = (page: string): unknown =>
  JSON.parse(contentOf(page, '<script type="application/json" id="run">', '</script>'));

test('the page needs nothing but itself', () => {
  const markup = html.replace(/<script[\s\S]*?<\/script>/g, '').replace(/<style>[\s\S]*?<\/style>/g, '');
  expect(markup).not.toMatch(/\b(src|href|url)\s*=/);
  expect(contentOf(html, '<style>', '</style>')).not.toMatch(/url\(|@import/);
});

test('only the script and the style of the page may run: their hashes stand in its policy', () => {
  const policy = contentOf(html, '<meta http-equiv="Content-Security-Policy" content="', '">');
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `script-src ${hash(contentOf(html, '</script>\n<script>', '</script>'))}`,
    `style-src ${hash(contentOf(html, '<style>', '</style>'))}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
});

test('the data in the page is that of the report, the picture and the source', () => {
  const run = told(new Story(shopPasses().plan, 'version: 1\nname: Shop\n'));
  expect(dataIn(reportAsHtml(run))).toEqual(JSON.parse(JSON.stringify({ ...run, source: 'version: 1\nname: Shop\n' })));
  expect(dataIn(html)).toMatchObject({ report: JSON.parse(JSON.stringify(failed.report)), source: null });
});

test('without scripts the page still says what the run came to', () => {
  expect(contentOf(html, '<noscript><pre>', '</pre></noscript>')).toMatch(
    /^FAILED {2}Orders survive a database failure, 7.34s\n/,
  );
  expect(contentOf(html, '<title>', '</title>')).toBe('Failed: Orders survive a database failure');
});

test('what a program printed is shortened, and says so', () => {
  const output = { text: 'x'.repeat(100_000), truncatedBytes: 0 };
  const result = {
    argv: ['a'],
    exitCode: 1,
    signal: null,
    timedOut: false,
    stdout: output,
    stderr: output,
    durationMs: 1,
  };
  const story = new Story(planOf({ steps: [run('a')] })).healthyStart().starts('a');
  story.tell({ type: 'step-ended', step: 'a', outcome: 'failed', message: 'no', result }).healthyEnd();
  const { stdout } = pageDataOf(told(story)).report.steps[0]!.result!;
  expect(stdout.text).toMatch(/^x{8000}\n… \(92000 more characters\)$/);
});

describe('whatever others wrote is never markup', () => {
  const everywhere = (text: string): Story => {
    const plan = planOf({
      scenario: { file: text, name: text, tags: [text], description: text, owner: text },
      parameters: JSON.parse(`{${JSON.stringify(text)}: ${JSON.stringify(text)}}`),
      targets: [processTarget(text)],
      probes: [probe(text)],
      steps: [{ ...run('a'), title: text }, kill('crash', text)],
    });
    return new Story(plan, text)
      .healthyStart()
      .strike('crash', unseen(text))
      .starts('a')
      .ends('a', 'failed', text)
      .tell({
        type: 'samples',
        probe: text,
        samples: [{ dueMs: 1100, lateMs: 0, latencyMs: 1, state: 'bad', reason: text }],
      })
      .tell({ type: 'abort-requested', reason: text })
      .takeDown();
  };
  const texts = [
    ...hostileTexts,
    '</script><script>alert(1)</script>',
    '</title></noscript></pre><img src=x onerror=alert(1)>',
    '<!--<script>',
    '\u2028\u2029',
  ];

  test.each(texts)('%j', (text) => {
    const page = reportAsHtml(told(everywhere(text)));
    const ours = page
      .replace(contentOf(page, '<style>', '</style>'), '')
      .replace(contentOf(page, '</script>\n<script>', '</script>'), '');
    const tags = [...ours.matchAll(/<\/?([a-z!-]+)/gi)].map(([, name]) => name!.toLowerCase());
    expect(tags).toEqual(
      '!doctype html head meta meta meta meta meta title title style style head body main main noscript pre pre noscript script script script script body html'.split(
        ' ',
      ),
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(ours).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u2028\u2029\ufffe\uffff]|\p{Surrogate}/u);
    expect(dataIn(page)).toHaveProperty('report.verdict', 'aborted');
  });
});
