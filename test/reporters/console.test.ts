import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createConsole } from '../../src/reporters/console/create.ts';
import { foldReport } from '../../src/reporters/fold.ts';
import { widthOf } from '../../src/text/width.ts';
import { hostileTexts } from './support/hostile.ts';
import { awaitSteady, kill, planOf, probe, run, slow } from './support/plans.ts';
import { FakeTerminal, Recording } from './support/screen.ts';
import { shopFails, shopPasses } from './support/shop.ts';
import { Story, unseen } from './support/story.ts';

const files = ['.chaos/runs/r-1/report.json', '.chaos/runs/r-1/junit.xml'];

async function plain(story: Story, options: { columns?: number; color?: boolean } = {}): Promise<string> {
  const stream = new Recording();
  const console = await createConsole({ stream, isTTY: false, columns: 80, color: false, ci: true, ...options });
  for (const event of story.events) console.add(event);
  console.finish(foldReport(story.events), files);
  return stream.text;
}

const summaryOf = (output: string): string[] => output.slice(output.indexOf('\n\n') + 2).split('\n');

describe('without a terminal', () => {
  test.each([
    ['a run that passes', shopPasses],
    ['a run that fails', shopFails],
  ])('%s is told in lines with their times', async (name, story) => {
    await expect(await plain(story())).toMatchFileSnapshot(`golden/${name.replaceAll(' ', '-')}.txt`);
  });

  test.each([80, 40])('the summary fits %i columns, and nothing is cut from it', async (columns) => {
    const lines = summaryOf(await plain(shopFails(), { columns }));
    expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
    expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toContain(
      'lost 2 of 57 acknowledged writes: r-1-000041, r-1-000042',
    );
  });

  test('the verdict and its reasons come first', async () => {
    expect(summaryOf(await plain(shopFails())).slice(0, 2)).toEqual([
      'FAILED  Orders survive a database failure, 7.34s',
      '  · await recovered failed: orders-answer was not healthy within 10s',
    ]);
  });

  test('colour is added only where it is wanted, and says nothing that the words do not', async () => {
    const colored = await plain(shopFails(), { color: true });
    expect(colored).toContain('\u001b[31mFAILED');
    expect(stripVTControlCharacters(colored)).toBe(await plain(shopFails()));
  });

  test.each(hostileTexts)('%j from others moves no cursor and begins no line', async (text) => {
    const output = await plain(everywhere(text));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    expect(output).not.toMatch(/\p{Surrogate}/u);
    expect(summaryOf(output).filter((line) => widthOf(line) > 80)).toEqual([]);
  });
});

function everywhere(text: string): Story {
  const plan = planOf({
    scenario: { file: text, name: text, tags: [] },
    probes: [probe(text)],
    steps: [{ ...run('a'), title: text }, kill('crash', text)],
  });
  return new Story(plan)
    .healthyStart()
    .starts('a')
    .ends('a', 'failed', text)
    .strike('crash', unseen(text))
    .tell({ type: 'target-failed', target: text, message: text, lastOutput: '' })
    .tell({ type: 'abort-requested', reason: text })
    .takeDown();
}

describe('on a terminal', () => {
  test('each step has a line, each probe its state, and what is held counts down', async () => {
    const terminal = new FakeTerminal(80, 24);
    const steps = [slow('slow'), awaitSteady('settled'), run('check')];
    const story = new Story(planOf({ probes: [probe('web'), probe('api')], steps })).healthyStart();
    story.samples('web', 900, 'gggg').inject('slow').samples('web', 1300, 'bb').at(2000);
    const console = await createConsole({ stream: terminal, isTTY: true, columns: 80, color: false, ci: false });
    for (const event of story.events) console.add(event);
    await drawn(terminal);
    expect(terminal.screen).toEqual([
      expect.stringMatching(/^Orders survive {2,}timeline, 0 of 3 {2}0:0[0-9.]+$/),
      expect.stringMatching(/^● web failing for [0-9.]+m?s: status 503, expected 200$/),
      '● api not measured yet',
      expect.stringMatching(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] slow: inject slow [0-9.]+s left it did something$/),
      '· settled: await settled',
      '· check: run check',
      '',
    ]);
    console.finish(foldReport(story.events), files);
  });

  test('the summary stands below the last picture, and the cursor is given back', async () => {
    const terminal = new FakeTerminal(80, 24);
    const console = await createConsole({ stream: terminal, isTTY: true, columns: 80, color: true, ci: false });
    const story = shopFails();
    for (const event of story.events) console.add(event);
    console.finish(foldReport(story.events), files);
    const { screen } = terminal;
    expect(screen).toContain('✗ check: run check node exited with 1, expected 0: 2 orders are missing');
    expect(screen).toContain('FAILED  Orders survive a database failure, 7.34s');
    expect(screen.filter((line) => widthOf(line) > 80)).toEqual([]);
    expect(terminal.text.lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.text.lastIndexOf('\u001b[?25l'));
  });

  test('nothing more is drawn after the summary', async () => {
    const terminal = new FakeTerminal(80, 24);
    const console = await createConsole({ stream: terminal, isTTY: true, columns: 80, color: false, ci: false });
    const story = shopPasses();
    for (const event of story.events) console.add(event);
    await drawn(terminal);
    console.finish(foldReport(story.events), files);
    const { text } = terminal;
    await new Promise((resolve) => setImmediate(resolve));
    expect(terminal.text).toBe(text);
  });

  test.each([
    [40, 10],
    [20, 6],
    [80, 3],
  ])('of %i columns and %i rows, no more is drawn than fits', async (columns, rows) => {
    const terminal = new FakeTerminal(columns, rows);
    const console = await createConsole({ stream: terminal, isTTY: true, columns, color: false, ci: false });
    const probes = Array.from({ length: 20 }, (_, index) => probe(`a-probe-with-a-long-name-${index}`));
    const steps = Array.from({ length: 1000 }, (_, index) => run(`a-step-with-quite-a-long-name-${index}`));
    const story = new Story(planOf({ probes, steps })).healthyStart().starts(steps[500]!.id);
    for (const event of story.events) console.add(event);
    await drawn(terminal);
    const screen = terminal.screen.filter((line) => line !== '');
    expect(screen.length).toBeLessThan(rows);
    expect(screen.filter((line) => widthOf(line) > columns)).toEqual([]);
    console.finish(foldReport(story.events), []);
  });

  test('a dumb terminal and CI get plain lines', async () => {
    for (const ci of [true, false]) {
      const terminal = new FakeTerminal(80, 24);
      const before = process.env.TERM;
      process.env.TERM = ci ? 'xterm' : 'dumb';
      const console = await createConsole({ stream: terminal, isTTY: true, columns: 80, color: false, ci });
      process.env.TERM = before;
      for (const event of shopPasses().events) console.add(event);
      expect(terminal.text).toContain(' 0:01.00  timeline      5 steps');
    }
  });
});

/** Waits for the next picture. */
async function drawn(terminal: FakeTerminal): Promise<void> {
  const before = terminal.text.length;
  while (terminal.text.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
}
