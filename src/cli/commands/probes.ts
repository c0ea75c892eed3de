import { UserError } from '../../model/diagnostic.ts';
import { exitCodes } from '../../model/exit-code.ts';
import { objectSchema } from '../../model/field.ts';
import type { ProbeKind } from '../../model/probe.ts';
import { hintFor } from '../../parser/suggest.ts';
import { probeKindNamed, probeKinds } from '../../probes/registry.ts';
import { type Paint, paintFor } from '../../reporters/console/paint.ts';
import type { Io } from '../io.ts';
import { fieldLines } from '../reference/fields.ts';
import { list, paragraphs, sections, yamlExamples } from '../reference/page.ts';

/**
 * Lists the kinds of probe, or explains one.
 * @throws UserError when there is none of that name
 */
export async function probes(
  name: string | undefined,
  { format }: { format: 'text' | 'json' },
  io: Pick<Io, 'stdout' | 'color' | 'columns'>,
): Promise<number> {
  const asked = name === undefined ? undefined : known(name);
  if (format === 'json') io.stdout.write(`${JSON.stringify(asked ? data(asked) : probeKinds.map(data), null, 2)}\n`);
  else {
    const columns = Math.min(io.columns, 80);
    const paint = paintFor(io.color);
    io.stdout.write(asked ? page(asked, columns, paint) : overview(columns, paint));
  }
  return exitCodes.passed;
}

function known(name: string): ProbeKind {
  const kind = probeKindNamed(name);
  if (kind) return kind;
  const hint = hintFor(
    name,
    probeKinds.map((one) => one.kind),
    'there are',
  );
  const message = `there is no kind of probe "${name}": ${hint}`;
  throw new UserError([{ severity: 'error', code: 'unknown-probe', message, file: 'chaos probes' }]);
}

function overview(columns: number, paint: Paint): string {
  const items = probeKinds.map(({ kind, summary }) => ({ name: kind, about: `${summary}.` }));
  return `${list(items, columns, paint)}\nchaos probes NAME explains one of them.\n`;
}

function page(
  { kind, summary, description, settings, shorthand, expect, examples }: ProbeKind,
  columns: number,
  paint: Paint,
): string {
  const short = shorthand === undefined ? [] : [`  (a bare value is its ${shorthand})`];
  return (
    `${paint('strong', kind)}\n${paragraphs(`${summary}.\n\n${description}`, columns).join('\n')}\n` +
    sections(
      [
        { heading: kind, lines: [...short, ...fieldLines(settings, columns)] },
        { heading: 'expect', lines: fieldLines(expect, columns) },
        { heading: 'Examples', lines: yamlExamples(examples.map(({ title, probe }) => ({ title, item: probe }))) },
      ],
      paint,
    )
  );
}

/** What a machine may know of a kind of probe; `settings` and `expect` are JSON Schemas. */
const data = ({ kind, summary, description, settings, shorthand, expect, examples }: ProbeKind) => ({
  kind,
  summary,
  description,
  ...(shorthand === undefined ? {} : { shorthand }),
  settings: objectSchema(settings),
  expect: objectSchema(expect),
  examples,
});
