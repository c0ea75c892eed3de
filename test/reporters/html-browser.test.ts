import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { formatDuration } from '../../src/model/duration.ts';
import { reportAsHtml } from '../../src/reporters/html/write.ts';
import type { ToldRun } from '../../src/reporters/run-fold.ts';
import { browser as browserPath, needs } from '../support/needs.ts';
import { withControl } from './support/beside.ts';
import { planOf, probe, run } from './support/plans.ts';
import { shopFails } from './support/shop.ts';
import { Story } from './support/story.ts';
import { told } from './support/told.ts';

const failed = told(new Story(shopFails().plan, 'version: 1\n'.repeat(40)));
const shop = { ...told(shopFails()), source: 'a: 1\n'.repeat(80) };

let folder: string;
let browser: Browser | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaos-page-'));
  const executablePath = browserPath();
  if (executablePath === undefined) return;
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet];
  browser = await chromium.launch({ executablePath, args });
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});
beforeEach((context) => needs(context, 'browser'));

/** Opens the report of a run; `complaints` is what a browser says in its console, what it asks of a network, and what pops up. */
async function open(told: ToldRun, width = 1280): Promise<{ page: Page; complaints: string[] }> {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.html`);
  await writeFile(file, reportAsHtml(told));
  const page = await browser!.newPage({ viewport: { width, height: 900 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => request.url() !== `file://${file}` && complaints.push(`request: ${request.url()}`));
  page.on('dialog', async (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  await page.goto(`file://${file}`);
  return { page, complaints };
}

/** The texts of the cells of a table, by its caption or its section. */
const rowsOf = (page: Page, selector: string): Promise<string[][]> =>
  page
    .locator(selector)
    .first()
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')));

/** Where in the chart of a probe a moment of the run lies. */
async function pointAt(page: Page, chart: number, atMs: number, durationMs: number): Promise<{ x: number; y: number }> {
  const field = page.locator('.chart .u-over').nth(chart);
  await field.scrollIntoViewIfNeeded();
  const box = (await field.boundingBox())!;
  return { x: box.x + (box.width * atMs) / durationMs, y: box.y + box.height / 2 };
}

test('the page opens without a complaint, says the verdict, and shows the numbers of report.json', async () => {
  const { page, complaints } = await open(shop);
  const { probes, objectives, reasons } = shop.report;
  expect(await page.locator('.badge').textContent()).toBe('✗ Failed');
  expect(await page.locator('.reasons li').allTextContents()).toEqual(reasons);
  expect((await rowsOf(page, '#objectives table')).map((row) => row[2])).toEqual(
    objectives.map(({ measuredText }) => measuredText),
  );
  const cells = (await rowsOf(page, '#probes table')).map((row) => row.slice(1, 9));
  expect(cells.map(([samples, , bad, unmeasured]) => [samples, bad, unmeasured].map(Number))).toEqual(
    probes.map(({ samples, bad, unmeasured }) => [samples, bad, unmeasured]),
  );
  expect(cells.map((row) => row.slice(4))).toEqual(
    probes.map(({ latencyMs }) => [latencyMs!.p50, latencyMs!.p95, latencyMs!.p99, latencyMs!.max].map(formatDuration)),
  );
  expect(complaints).toEqual([]);
  await page.close();
});

test('the picture has a chart for each probe, and its numbers add up to those of report.json', async () => {
  const { page } = await open(shop);
  expect(await page.locator('.chart canvas').count()).toBe(shop.report.probes.length);
  for (const { id, good, bad, unmeasured } of shop.report.probes) {
    const rows = await rowsOf(page, `#timeline table:has(caption:text-is("${id}"))`);
    const sum = (column: number): number => rows.reduce((total, row) => total + Number(row[column]), 0);
    expect([sum(1), sum(2), sum(3)]).toEqual([good, bad, unmeasured]);
  }
  await page.close();
});

test('pointing at a moment tells what was so; dragging over a stretch, or choosing a bar, shows it closer', async () => {
  const { page, complaints } = await open(shop);
  const { durationMs, outages } = shop.report;
  const tooltip = page.locator('#tooltip');
  const outage = outages.find(({ probe }) => probe === 'orders-answer')!;
  const bad = await pointAt(page, 0, outage.startMs + 50, durationMs);
  await page.mouse.move(bad.x, bad.y);
  expect(await tooltip.innerText()).toContain('orders-answer bad: status 503, expected 200');
  expect(await tooltip.innerText()).toContain('outage of orders-answer');
  const good = await pointAt(page, 0, 3050, durationMs);
  await page.mouse.move(good.x, good.y);
  expect(await tooltip.innerText()).toMatch(
    /phase timeline[\s\S]*slow: database-slow in force[\s\S]*orders-answer 5ms/,
  );

  await page.mouse.down();
  await page.mouse.move(bad.x, bad.y, { steps: 3 });
  await page.mouse.up();
  expect(await page.locator('.shown').textContent()).toMatch(/^0:03\.\d\d to 0:06\.\d\d$/);
  await page.getByRole('button', { name: 'Show the whole run' }).click();
  expect(await page.locator('.shown').textContent()).toBe('the whole run');
  await page.locator('.bar.fault').first().click();
  expect(await page.locator('.shown').textContent()).toMatch(/ to /);
  expect(complaints).toEqual([]);
  await page.close();
});

test('a place of the scenario leads to its line, and the lines where something went wrong are marked', async () => {
  const { page } = await open(shop);
  const check = shop.report.steps.find(({ id }) => id === 'check')!;
  await page.locator('#steps .place').last().click();
  expect(page.url()).toContain(`#L${check.place.line}`);
  expect(await page.locator('.line.wrong').evaluateAll((lines) => lines.map(({ id }) => id))).toContain(
    `L${check.place.line}`,
  );
  await page.close();
});

test('a phone needs no scrolling to the side, in the dark neither', async () => {
  const { page, complaints } = await open(failed, 360);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(14, 17, 22)');
  expect(complaints).toEqual([]);
  await page.close();
});

test('what others wrote is shown as text and does nothing', async () => {
  const text = '</script><img src="http://127.0.0.1:9/x" onerror="alert(1)"><style>*{display:none}</style>';
  const plan = planOf({
    scenario: { file: text, name: text, tags: [text], description: text },
    probes: [probe(text)],
    steps: [{ ...run('a'), title: text }],
  });
  const story = new Story(plan, text)
    .healthyStart()
    .starts('a')
    .samples(text, 1000, 'gbbu')
    .after(500)
    .ends('a', 'failed', text);
  const { page, complaints } = await open(told(story.healthyEnd()));
  expect(await page.locator('h1').textContent()).toBe(text);
  const point = await pointAt(page, 0, 1150, 1600);
  await page.mouse.move(point.x, point.y);
  expect(await page.locator('#tooltip').innerText()).toContain(text);
  expect(await page.locator('img').count()).toBe(0);
  expect(complaints).toEqual([]);
  await page.close();
});

test('a run without its faults says so, and one beside a control run shows both', async () => {
  const { page, complaints } = await open({ ...shop, report: { ...withControl(shop.report), isSham: true } });
  expect(await page.locator('.sham').textContent()).toContain('every fault was left out');
  expect((await rowsOf(page, '#control table')).map((row) => row[1])).toEqual(['87.5%', '87.5%']);
  expect(complaints).toEqual([]);
  await page.close();
});

test('a run of which nothing but the beginning is known has a page, too', async () => {
  const { page, complaints } = await open(told(new Story(planOf())));
  expect(await page.locator('.badge').textContent()).toBe('■ Aborted');
  expect(complaints).toEqual([]);
  await page.close();
});
