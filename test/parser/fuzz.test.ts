import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { githubAnnotation } from '../../src/parser/diagnostics/github.ts';
import { renderDiagnostics } from '../../src/parser/diagnostics/render.ts';
import { parseScenario } from '../../src/parser/parse.ts';
import { compilePlan } from '../../src/planner/compile.ts';
import { mutants, seeds } from '../../torture/scenarios/mutants.ts';

const root = join(import.meta.dirname, '..', '..');
const shipped = readdirSync(join(root, 'scenarios'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(join(root, 'scenarios', name), 'utf8'));

/** What authors, and others, type by mistake. */
const scraps = fc.constantFrom(
  ...[
    '&a',
    '*a',
    '*b',
    '!!set',
    '!x',
    '<<',
    '${',
    '${x}',
    '${run}',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    ':',
    '- ',
    '? ',
    '|',
    '>',
  ],
  ...[
    '\t',
    '\n',
    '\n\n  ',
    '\r',
    ' ',
    '#',
    ',',
    '%',
    '@',
    '`',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '\u2028',
    '\ud800',
    '\u001b[2J',
  ],
  ...[
    'null',
    '~',
    '.nan',
    '.inf',
    '1e999',
    '-0',
    '0x10',
    '5s',
    '-5s',
    '99999999999h',
    'true',
    '__proto__',
    'constructor',
    'timeline',
  ],
);

type Edit = { at: number; cut: number; put: string };
const edits = fc.array(
  fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.integer({ min: 0, max: 12 }), put: scraps }),
  { minLength: 1, maxLength: 6 },
);

const edited = (text: string, changes: Edit[]): string =>
  changes.reduce((before, { at, cut, put }) => {
    const start = Math.floor(at * before.length);
    return before.slice(0, start) + put + before.slice(start + cut);
  }, text);

/** As `npm run torture -- scenarios` does with ten thousand and more. */
it('a scenario whose tree was turned upside down is valid, or refused with words', () => {
  fc.assert(
    fc.property(mutants(seeds(root)), (text) => {
      const { scenario, diagnostics } = parseScenario(text, { file: 'x.yaml' });
      const compiled = scenario ? compilePlan(scenario, { seed: 1 }) : undefined;
      if (!compiled?.plan) expect([...diagnostics, ...(compiled?.diagnostics ?? [])]).not.toEqual([]);
    }),
    { numRuns: 1500 },
  );
}, 120_000);

describe('a scenario that somebody spoilt', () => {
  it('is valid, or told at a place that is in the file, whatever was done to it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...shipped), edits, (text, changes) => {
        const spoilt = edited(text, changes);
        const { scenario, diagnostics } = parseScenario(spoilt, { file: 'x.yaml' });
        const compiled = scenario ? compilePlan(scenario, { seed: 1 }) : undefined;
        const all = [...diagnostics, ...(compiled?.diagnostics ?? [])];
        if (!scenario || !compiled?.plan) expect(all.length).toBeGreaterThan(0);
        const lines = spoilt.split('\n');
        for (const { place } of all) {
          if (!place) continue;
          expect(place.line).toBeGreaterThanOrEqual(1);
          expect(place.line).toBeLessThanOrEqual(lines.length);
          expect(place.column).toBeGreaterThanOrEqual(1);
          expect(place.column).toBeLessThanOrEqual(lines[place.line - 1]!.length + 1);
        }
        const shown = renderDiagnostics(all, new Map([['x.yaml', spoilt]]));
        expect(shown).not.toContain('\u001b');
        for (const one of all) expect(githubAnnotation(one)).not.toMatch(/[\n\r]/);
      }),
      { numRuns: 3000 },
    );
  }, 120_000);
});
