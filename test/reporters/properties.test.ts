import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Sample } from '../../src/model/event.ts';
import { createConsole } from '../../src/reporters/console/create.ts';
import { Board } from '../../src/reporters/console/live/board.ts';
import { frame } from '../../src/reporters/console/live/frame.ts';
import { foldReport, ReportFold } from '../../src/reporters/fold.ts';
import { reportAsJson } from '../../src/reporters/json.ts';
import { reportAsJunit } from '../../src/reporters/junit/write.ts';
import { widthOf } from '../../src/text/width.ts';
import { packageRoot } from '../support/chaos.ts';
import { hostileText } from './support/hostile.ts';
import { awaitSteady, kill, objective, planOf, probe, processTarget, run, slow } from './support/plans.ts';
import { Recording } from './support/screen.ts';
import { ledgerResult, Story, seen, unseen } from './support/story.ts';

const outcome = fc.constantFrom('passed', 'failed', 'skipped', 'unknown') as fc.Arbitrary<'passed'>;
const state = fc.constantFrom<Sample['state']>('good', 'good', 'bad', 'unmeasured');
const samples = fc.array(
  fc.record({
    dueMs: fc.integer({ min: 0, max: 20_000 }),
    lateMs: fc.constant(0),
    latencyMs: fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.double({ min: 0, max: 1e9, noNaN: true })),
    state,
    reason: hostileText,
  }),
  { maxLength: 60 },
);

const plan = (text: string) =>
  planOf({
    scenario: { file: text, name: text, tags: [text], description: text },
    parameters: JSON.parse(`{${JSON.stringify(text)}: ${JSON.stringify(text)}}`),
    targets: [processTarget('postgres'), processTarget(text)],
    probes: [probe('web'), probe(text, { kind: 'ledger' })],
    steps: [slow('slow'), kill('crash'), awaitSteady('settled'), { ...run('check'), title: text }],
    objectives: [
      objective({ measure: 'availability', probe: 'web' }, '>= 90%'),
      objective({ measure: 'latency', probe: 'web', percentile: 99 }, '< 1s'),
      objective({ measure: 'recoveryTime', step: 'crash', from: 'start' }, '< 5s'),
      objective({ measure: 'consistency', probe: text }, '100%'),
    ],
  });

type Move = (story: Story) => Story;
const step = fc.constantFrom('slow', 'crash', 'settled', 'check', 'nobody');
const phase = fc.constantFrom(
  'start',
  'baseline',
  'timeline',
  'recovery',
  'verification',
  'undo',
  'stop',
) as fc.Arbitrary<'start'>;
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.nat(5000).map(
    (ms): Move =>
      (story) =>
        story.after(ms),
  ),
  phase.map(
    (name): Move =>
      (story) =>
        story.phase(name),
  ),
  fc.tuple(phase, outcome, hostileText).map(
    ([name, how, why]): Move =>
      (story) =>
        story.phaseEnds(name, how, why),
  ),
  step.map(
    (id): Move =>
      (story) =>
        story.starts(id),
  ),
  fc.tuple(step, outcome, hostileText).map(
    ([id, how, why]): Move =>
      (story) =>
        story.ends(id, how, why),
  ),
  fc.tuple(step, hostileText).map(
    ([id, what]): Move =>
      (story) =>
        story.inject(id, seen(what)),
  ),
  fc.tuple(step, hostileText).map(
    ([id, what]): Move =>
      (story) =>
        story.undo(id, unseen(what), what.length % 2 > 0),
  ),
  fc.tuple(step, hostileText).map(
    ([id, message]): Move =>
      (story) =>
        story.tell({ type: 'injection-failed', step: id, message }),
  ),
  fc.tuple(step, hostileText).map(
    ([id, message]): Move =>
      (story) =>
        story.tell({ type: 'injection-stuck', step: id, undo: [], message }),
  ),
  fc.tuple(fc.boolean(), samples).map(
    ([first, taken]): Move =>
      (story) =>
        story.tell({ type: 'samples', probe: story.plan.probes[first ? 0 : 1]!.id, samples: taken }),
  ),
  fc.tuple(fc.nat(20), fc.array(hostileText, { maxLength: 3 })).map(
    ([acknowledged, ids]): Move =>
      (story) =>
        story.tell({
          type: 'ledger-verified',
          probe: story.plan.probes[1]!.id,
          result: ledgerResult({ acknowledged, lost: ids.map((id) => ({ id, atMs: 1 })) }),
        }),
  ),
  hostileText.map(
    (message): Move =>
      (story) =>
        story.tell(
          { type: 'target-failed', target: story.plan.targets[1]!.id, message, lastOutput: message },
          { type: 'instrument-failed', instrument: message, message },
          { type: 'abort-requested', reason: message },
        ),
  ),
  fc.constant<Move>((story) => story.tell({ type: 'run-ended' })),
);
const story = fc
  .tuple(hostileText, fc.array(move, { maxLength: 30 }))
  .map(([text, moves]) => moves.reduce((told, next) => next(told), new Story(plan(text))));

test('whatever happens, a report keeps its own rules', () => {
  fc.assert(
    fc.property(story, ({ events }) => {
      const report = foldReport(events);
      const { summary, outages, probes, verdict, reasons, exitCode, injections } = report;
      for (const share of [
        summary.availability,
        summary.consistency,
        ...probes.map(({ availability }) => availability),
      ])
        if (share !== null) expect(share >= 0 && share <= 1).toBe(true);
      for (const { good, bad, unmeasured, samples, latencyMs } of probes) {
        expect(good + bad + unmeasured).toBe(samples);
        if (latencyMs) expect(latencyMs.p50 <= latencyMs.p99 && latencyMs.p99 <= latencyMs.max).toBe(true);
      }
      for (const { id } of probes) {
        const own = outages.filter((outage) => outage.probe === id);
        own.forEach(({ startMs, endMs }, index) => {
          expect(endMs === null ? index === own.length - 1 : endMs >= startMs).toBe(true);
          if (index > 0) expect(own[index - 1]!.endMs! <= startMs).toBe(true);
        });
      }
      for (const { recovery } of injections) {
        if (recovery.timeToDetectMs !== null) expect(recovery.timeToDetectMs).toBeGreaterThanOrEqual(0);
        if (recovery.timeToRecoverMs !== null) expect(recovery.timeToRecoverMs).toBeGreaterThanOrEqual(0);
      }
      expect(reasons.length > 0).toBe(verdict !== 'passed' || exitCode !== 0);
      expect(summary.success).toBe(exitCode === 0);
    }),
    { numRuns: 300 },
  );
});

test('folding the same events again, or from their lines, gives the same report', () => {
  fc.assert(
    fc.property(story, ({ events }) => {
      const report = foldReport(events);
      const lines = events.map((event) => JSON.stringify(event));
      expect(foldReport(lines.map((line) => JSON.parse(line)))).toEqual(report);
      const fold = new ReportFold();
      for (const event of events) fold.add(event);
      fold.report();
      expect(reportAsJson(fold.report())).toBe(reportAsJson(report));
    }),
    { numRuns: 100 },
  );
});

test('whatever others wrote, JSON is what its schema says, XML is well-formed, and a run that did not pass is not green', () => {
  fc.assert(
    fc.property(story, ({ events }) => {
      const report = foldReport(events);
      validate(JSON.parse(reportAsJson(report)));
      expect(validate.errors).toBeNull();
      const xml = reportAsJunit(report);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no place for them
      expect(xml).not.toMatch(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|\p{Surrogate}/u);
      expect(tagsOf(xml)).toEqual([]);
      const green = !/<(failure|error) /.test(xml);
      expect(green).toBe(report.exitCode === 0);
    }),
    { numRuns: 200 },
  );
});

test('whatever others wrote, a terminal shows lines that fit, and nothing moves', () => {
  fc.assert(
    fc.property(
      story,
      fc.integer({ min: 10, max: 120 }),
      fc.integer({ min: 2, max: 40 }),
      ({ events, plan }, columns, rows) => {
        const board = new Board(plan);
        for (const event of events) board.add(event);
        const lines = frame(board, { columns, rows, nowMs: board.nowMs, tick: 1, paint: (_, text) => text });
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) {
          expect(widthOf(line)).toBeLessThanOrEqual(columns);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
          expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('whatever others wrote, plain lines are whole lines, and the summary fits 80 columns', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ events }) => {
      const stream = new Recording();
      const console = await createConsole({ stream, isTTY: false, columns: 80, color: false, ci: true });
      for (const event of events) console.add(event);
      const before = stream.text.length;
      console.finish(foldReport(events), []);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(stream.text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      for (const line of stream.text.slice(before).split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(80);
    }),
    { numRuns: 100 },
  );
});

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(join(packageRoot, 'schema', 'report.schema.json'), 'utf8')),
);

/** Tags left open or closed twice. */
function tagsOf(xml: string): string[] {
  const open: string[] = [];
  for (const [, close, name, self] of xml.matchAll(/<(\/?)([a-z-]+)(?:\s+[a-z]+="[^"<]*")*\s*(\/?)>/g)) {
    if (self) continue;
    if (!close) open.push(name!);
    else if (open.pop() !== name) return [`unexpected </${name}>`];
  }
  return open;
}
