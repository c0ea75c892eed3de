import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderDiagnostics } from '../../src/parser/diagnostics/render.ts';
import { parseScenario } from '../../src/parser/parse.ts';
import { compilePlan } from '../../src/planner/compile.ts';

const folder = join(import.meta.dirname, 'errors');
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace('.yaml', ''));

/** What `chaos validate` would show. */
function shown(name: string): string {
  const file = `${name}.yaml`;
  const text = readFileSync(join(folder, file), 'utf8');
  const { scenario, diagnostics } = parseScenario(text, { file });
  const all = scenario ? [...diagnostics, ...compilePlan(scenario, { seed: 0 }).diagnostics] : diagnostics;
  return renderDiagnostics(all, new Map([[file, text]]));
}

/** A new diagnostic is a new pair of files: NAME.yaml and, written by `UPDATE=1 npx vitest run test/parser`, NAME.out. */
describe('a scenario with a mistake is told', () => {
  it.each(cases)('%s', (name) => {
    const expected = join(folder, `${name}.out`);
    const found = shown(name);
    if (process.env.UPDATE && !process.env.CI) writeFileSync(expected, found);
    expect(existsSync(expected), `${name}.out does not exist`).toBe(true);
    expect(found).toBe(readFileSync(expected, 'utf8'));
    expect(found).not.toBe('');
  });
});
