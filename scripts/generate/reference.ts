import { stringify } from 'yaml';
import { faults } from '../../src/injectors/registry.ts';
import { everyWay, mechanismInWords } from '../../src/model/fault.ts';
import type { Fields, JsonSchema } from '../../src/model/field.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { needInWords } from '../../src/model/need.ts';
import type { TargetKind } from '../../src/model/scenario.ts';
import { probeKinds } from '../../src/probes/registry.ts';
import { toxicTypes } from '../../src/proxy/toxiproxy/toxic-types.ts';

/** The reference pages, by their names in `docs/reference/`. Everything on them stands in the descriptors. */
export function referencePages(): Map<string, string> {
  return new Map([
    [
      'faults.md',
      page(
        'Faults',
        faults.map((fault) => ({
          ...fault,
          facts: [
            `Works on: ${fault.targets.length ? fault.targets.map((kind) => `\`${kind}\``).join(', ') : 'no target is needed'}. ${fault.held ? 'Held for `for`, then undone.' : 'Over at once.'}`,
            ...everyWay(fault).map(
              ({ on, via }) => `${on ? `${onA(on, via)}: ` : ''}${mechanismInWords(fault.mechanism(on, via))}.`,
            ),
            ...everyWay(fault).flatMap(({ on, via }) => {
              const words = (fault.needs?.(on, via) ?? []).map(needInWords);
              return on && words.length > 0 ? [`${onA(on, via)} it needs ${words.join(', ')}.`] : [];
            }),
          ],
          tables: [['Parameters (`with`)', fault.parameters] as const],
          examples: fault.examples.map(({ title, step }) => ({ title, yaml: step })),
        })),
      ),
    ],
    [
      'probes.md',
      page(
        'Probes',
        probeKinds.map(({ kind, summary, description, settings, shorthand, expect, examples }) => ({
          name: kind,
          summary,
          description,
          facts: shorthand ? [`A bare value is its \`${shorthand}\`.`] : [],
          tables: [['Settings', settings] as const, ['`expect`', expect] as const],
          examples: examples.map(({ title, probe }) => ({ title, yaml: probe })),
        })),
      ),
    ],
    ['toxics.md', toxicsPage()],
  ]);
}

function toxicsPage(): string {
  const rows = [...toxicTypes.values()].flatMap(({ type, summary, attributes }) => [
    `| \`${type}\` | | ${summary} |`,
    ...Object.entries(attributes).map(([name, { description }]) => `| | \`${name}\` | ${description} |`),
  ]);
  return `${origin}# Toxics

What \`chaos proxy\` can do to the bytes of a connection: see [proxy.md](../proxy.md).

| type | attribute | |
|---|---|---|
${rows.join('\n')}
`;
}

const onA = (on: TargetKind, via: string | undefined): string =>
  `On a \`${on}\`${via === undefined ? '' : ` via \`${via}\``}`;

interface Entry {
  name: string;
  summary: string;
  description: string;
  facts: string[];
  tables: (readonly [string, Fields])[];
  examples: { title: string; yaml: JsonObject }[];
}

const origin = '<!-- Generated from the descriptors: npm run generate -->\n\n';

const page = (title: string, entries: Entry[]): string =>
  `${origin}# ${title}\n\n${entries.map(({ name, summary }) => `- [${name}](#${name}): ${summary}`).join('\n')}\n\n${entries.map(section).join('\n')}`;

const section = ({ name, summary, description, facts, tables, examples }: Entry): string =>
  [
    `## ${name}`,
    `${summary}.`,
    description,
    ...facts,
    ...tables.filter(([, fields]) => Object.keys(fields).length > 0).map(([title, fields]) => table(title, fields)),
    ...examples.map(({ title, yaml }) => `${title}:\n\n\`\`\`yaml\n${stringify([yaml])}\`\`\``),
  ]
    .join('\n\n')
    .concat('\n');

const table = (title: string, fields: Fields): string =>
  [
    `${title}:`,
    '',
    '| key | type | default | meaning |',
    '|---|---|---|---|',
    ...Object.entries(fields).flatMap(([key, { schema, optional }]) => rows(key, schema, optional)),
  ].join('\n');

/** What stands under a key follows it. */
function rows(key: string, schema: JsonSchema, isOptional: boolean): string[] {
  const { properties = {}, required = [], description = '' } = schema;
  const members = Object.entries(properties as Record<string, JsonSchema>);
  return [
    `| \`${key}\` | ${typeOf(schema)} | ${defaultOf(schema, isOptional)} | ${cell(String(description))} |`,
    ...members.flatMap(([name, one]) => rows(`${key}.${name}`, one, !(required as string[]).includes(name))),
  ];
}

function typeOf({ type, format, enum: words, anyOf }: JsonSchema): string {
  if (Array.isArray(anyOf)) return (anyOf as JsonSchema[]).map(typeOf).join(' or ');
  if (Array.isArray(words)) return words.map((word) => `\`${word}\``).join(', ');
  return String(format ?? type ?? 'anything');
}

const defaultOf = (schema: JsonSchema, optional: boolean): string =>
  'default' in schema
    ? `\`${JSON.stringify(schema.default)}\``
    : Array.isArray(schema.drawn)
      ? `drawn from \`${schema.drawn.join('` to `')}\``
      : optional
        ? ''
        : 'required';
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
