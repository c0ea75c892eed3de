import { request } from 'node:http';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { processesNamed } from '../../src/host/processes.ts';
import { becomes } from '../support/becomes.ts';
import { browser as browserPath, needs } from '../support/needs.ts';
import { GameDay, hello } from './support/game-day.ts';

let browser: Browser | undefined;
beforeAll(async () => {
  const executablePath = browserPath();
  if (executablePath !== undefined)
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
});
afterAll(() => browser?.close());

const hang = hello('timeline:\n  - { id: hang, inject: process-pause, target: hello, for: 60s }\n');

async function start(): Promise<{ day: GameDay; url: URL }> {
  const day = new GameDay(hang, { argv: ['--live'] });
  const [, url] = await day.says(/Live: (http:\S+)/);
  await day.until('injection-in-force');
  return { day, url: new URL(url!) };
}

/** @returns the status */
const ask = (url: URL, path: string, method = 'GET', headers: Record<string, string> = {}): Promise<number> =>
  new Promise((resolve, reject) =>
    request({ host: url.hostname, port: url.port, path, method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .once('error', reject)
      .end(),
  );

describe.concurrent('the live page', { timeout: 60_000 }, () => {
  it('shows the run as it goes on, and its button ends it and undoes everything', async (context) => {
    needs(context, 'browser');
    const { expect } = context;
    const { day, url } = await start();
    const page = await browser!.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url.href);
    expect(await page.locator('.badge').textContent()).toMatch(/^● Running: timeline/);
    expect(await page.locator('.why').first().textContent()).toBe('In force: hang (process-pause).');
    // What is looked at stays while the page is shown anew.
    await page.locator('summary', { hasText: 'What was done' }).first().click();
    await page.locator('button', { hasText: '+' }).click();
    const shown = await page.locator('.shown').textContent();
    await page.locator('.why', { hasText: 'Failing: answers.' }).waitFor();
    expect(await page.locator('.shown').textContent()).toBe(shown);
    expect(await page.locator('details[open] > summary', { hasText: 'What was done' }).count()).toBe(1);
    await page.locator('button.stop').click();
    expect(await day.end(), day.stderr).toBe(3);
    await page.locator('.badge', { hasText: 'Aborted' }).waitFor();
    expect(await page.locator('button.stop').count()).toBe(0);
    expect(day.report().injections[0]).toMatchObject({ state: 'undone', gone: true });
    // Its icon is all that a browser asks for by itself.
    expect(complaints.filter((text) => !text.includes('favicon') && !text.includes('404'))).toEqual([]);
    await page.close();
  });

  it('is for nobody who does not know its address, and stops nothing for a page from elsewhere', async ({ expect }) => {
    const { day, url } = await start();
    const stop = `${url.pathname}stop`;
    expect(await ask(url, url.pathname)).toBe(200);
    expect(await ask(url, '/')).toBe(403);
    expect(await ask(url, `${'/0'.repeat(16)}/`)).toBe(403);
    expect(await ask(url, url.pathname, 'GET', { host: `evil.example:${url.port}` })).toBe(403);
    expect(await ask(url, stop, 'POST', { origin: 'http://evil.example' })).toBe(403);
    expect(await ask(url, stop, 'POST', { origin: 'null' })).toBe(403);
    expect(await ask(url, stop)).toBe(404);
    expect(await ask(url, `${url.pathname}../../etc/passwd`)).toBe(404);
    expect(day.events().some(({ type }) => type === 'abort-requested')).toBe(false);
    expect(await ask(url, stop, 'POST', { origin: url.origin })).toBe(202);
    expect(await day.end(), day.stderr).toBe(3);
  });

  it('ends by itself, also when the runner is killed', async ({ expect }) => {
    const { day, url } = await start();
    day.signal('SIGKILL');
    await day.end();
    await becomes(() => day.events().some(({ type }) => type === 'run-ended'));
    const isServed = () =>
      ask(url, url.pathname).then(
        () => true,
        () => false,
      );
    for (let left = 200; left > 0 && (await isServed()); left -= 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await isServed()).toBe(false);
    expect(await day.untilClean()).toEqual([]);
    expect(processesNamed('chaos-live').filter(({ parent }) => parent === day.pid)).toEqual([]);
  });
});
