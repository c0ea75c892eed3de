import { faults as all, faultNamed } from '../../injectors/registry.ts';
import { UserError } from '../../model/diagnostic.ts';
import { exitCodes } from '../../model/exit-code.ts';
import { everyWay, type Fault, mechanismInWords } from '../../model/fault.ts';
import { objectSchema } from '../../model/field.ts';
import { needInWords } from '../../model/need.ts';
import type { TargetKind } from '../../model/scenario.ts';
import { hintFor } from '../../parser/suggest.ts';
import { type Paint, paintFor } from '../../reporters/console/paint.ts';
import type { Io } from '../io.ts';
import { fieldLines } from '../reference/fields.ts';
import { list, paragraphs, sections, yamlExamples } from '../reference/page.ts';

/**
 * Lists the faults, or explains one.
 * @throws UserError when there is none of that name
 */
export async function faults(
  name: string | undefined,
  { format }: { format: 'text' | 'json' },
  io: Pick<Io, 'stdout' | 'color' | 'columns'>,
): Promise<number> {
  const asked = name === undefined ? undefined : known(name);
  if (format === 'json') io.stdout.write(`${JSON.stringify(asked ? data(asked) : all.map(data), null, 2)}\n`);
  else {
    const columns = Math.min(io.columns, 80);
    const paint = paintFor(io.color);
    io.stdout.write(asked ? page(asked, columns, paint) : overview(columns, paint));
  }
  return exitCodes.passed;
}

function known(name: string): Fault {
  const fault = faultNamed(name);
  if (fault) return fault;
  const hint = hintFor(
    name,
    all.map((one) => one.name),
    'there are',
  );
  const message = `there is no fault "${name}": ${hint}`;
  throw new UserError([{ severity: 'error', code: 'unknown-fault', message, file: 'chaos faults' }]);
}

function overview(columns: number, paint: Paint): string {
  const items = all.map(({ name, summary, targets }) => ({ name, about: `${summary}. Harms: ${harmed(targets)}.` }));
  return `${list(items, columns, paint)}\nchaos faults NAME explains one of them.\n`;
}

const harmed = (targets: Fault['targets']): string => (targets.length > 0 ? targets.join(', ') : 'what you say');

function page(fault: Fault, columns: number, paint: Paint): string {
  const { name, summary, description, targets, parameters, examples } = fault;
  return (
    `${paint('strong', name)}\n${paragraphs(`${summary}.\n\n${description}`, columns).join('\n')}\n` +
    sections(
      [
        {
          heading: 'target',
          lines: paragraphs(
            targets.length > 0 ? `Needs one: ${targets.join(' or ')}.` : 'Takes none.',
            columns - 2,
          ).map((line) => `  ${line}`),
        },
        { heading: 'How', lines: onEach(fault, (on, via) => mechanismInWords(fault.mechanism(on, via)), columns) },
        {
          heading: 'Needs',
          lines: onEach(fault, (on, via) => (fault.needs?.(on, via) ?? []).map(needInWords).join(', '), columns),
        },
        { heading: 'with', lines: fieldLines(parameters, columns) },
        { heading: 'Time', lines: paragraphs(lasting(fault), columns - 2).map((line) => `  ${line}`) },
        { heading: 'Effect', lines: paragraphs(seeing(fault), columns - 2).map((line) => `  ${line}`) },
        { heading: 'Examples', lines: yamlExamples(examples.map(({ title, step }) => ({ title, item: step }))) },
      ],
      paint,
    )
  );
}

/** What is to be said of each way to do a fault, as far as there is something. */
const onEach = (
  fault: Fault,
  say: (on: TargetKind | undefined, via: string | undefined) => string,
  columns: number,
): string[] =>
  everyWay(fault).flatMap(({ on, via }) => {
    const words = say(on, via);
    if (words === '') return [];
    const way = via === undefined ? '' : ` via ${via}`;
    const line =
      on === undefined ? `${words.charAt(0).toUpperCase()}${words.slice(1)}.` : `On a ${on}${way}: ${words}.`;
    return paragraphs(line, columns - 2).map((one) => `  ${one}`);
  });

const lasting = ({ held }: Fault): string =>
  held
    ? 'Held for "for", or without it until its group, or the timeline, ends. Then it is undone, however the run ends.'
    : 'Over as soon as it is done: it takes no "for", and nothing undoes it.';

function seeing({ held, observe }: Fault): string {
  const looks = ['right after the injection', ...(observe.total ? ['summed up right before the undo'] : [])];
  const end = observe.gone ? ' After the undo we look whether it is gone.' : '';
  return `Looked at ${looks.join(' and ')}. If no effect was seen, the run cannot pass.${held ? end : ''}`;
}

/** What a machine may know of a fault; `parameters` is a JSON Schema. */
const data = (fault: Fault) => ({
  name: fault.name,
  summary: fault.summary,
  description: fault.description,
  targets: fault.targets,
  mechanisms: everyWay(fault).map(({ on, via }) => ({
    target: on ?? null,
    ...(via === undefined ? {} : { via }),
    ...fault.mechanism(on, via),
    needs: fault.needs?.(on, via) ?? [],
  })),
  held: fault.held,
  parameters: objectSchema(fault.parameters),
  examples: fault.examples,
});
