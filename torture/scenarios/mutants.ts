import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Document, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, visit } from 'yaml';
import { faults } from '../../src/injectors/registry.ts';
import type { TargetKind } from '../../src/model/scenario.ts';

/** Scenarios to begin with: those that ship, those with mistakes, and one for each example of each fault. */
export function seeds(root: string): string[] {
  const folders = ['scenarios', join('test', 'parser', 'errors')];
  const written = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => readFileSync(join(root, folder, name), 'utf8')),
  );
  return [
    ...written,
    ...faults.flatMap(({ examples, targets }) => examples.map(({ step }) => withStep(step, targets[0]))),
  ];
}

const targetOf: Record<TargetKind, string> = {
  process: '{ process: { command: [sleep, "1"], ready: { tcp: "127.0.0.1:5432" } } }',
  running: '{ running: { port: 80 } }',
  proxy: '{ proxy: { listen: "127.0.0.1:1", upstream: "127.0.0.1:2", protocol: http } }',
  host: '{ host: { namespace: blue } }',
  network: '{ network: { nodes: { a: { namespace: a }, b: { namespace: b } } } }',
  directory: '{ directory: /var/tmp }',
};

const withStep = (step: { target?: unknown }, kind: TargetKind | undefined): string => `version: 1
name: An example
targets:
  other: { process: { command: [sleep, "1"] } }
  both: { group: { of: [other], pick: one } }
  ${kind && step.target !== undefined ? `${String(step.target)}: ${targetOf[kind]}` : ''}
steadyState: [{ id: answers, http: "http://127.0.0.1:1/", every: 50ms }]
timeline:
  - ${JSON.stringify(step)}
objectives: [{ availability: ">= 99%", of: answers }]
`;

/** What stands where something else should. */
const edges = [
  ...['', '~', 'null', 'true', '-1', '0', '1e999', '.nan', '0x7fffffffffffffff', '99999999999999999999'],
  ...[
    '5s',
    '-5s',
    '1ms',
    '999999h',
    '0s',
    '250',
    '100%',
    '0%',
    '-1%',
    '101%',
    '> 50%',
    '<= 2x baseline',
    '1Mbit/s',
    '5GiB',
  ],
  ...['${factor}', '${', '${${x}}', '${env.HOME}', '${run}', 'steady-state', 'timeline', '__proto__', 'constructor'],
  ...['*a', '&a x', '!!set', '!x y', '<<', '\u001b[2J', '\u202e', '\u0000', 'a'.repeat(5000), '../../etc/passwd'],
];

type Change = { at: number; how: number; with: number };
const changes = fc.array(fc.record({ at: fc.nat(10_000), how: fc.nat(6), with: fc.nat(10_000) }), {
  minLength: 1,
  maxLength: 5,
});
const cuts = fc.array(fc.record({ at: fc.nat(100_000), how: fc.nat(3), with: fc.nat(10_000) }), {
  minLength: 1,
  maxLength: 8,
});

/** Scenarios that somebody spoilt: in their tree, or byte by byte. */
export const mutants = (texts: string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...texts), changes).map(([text, all]) => grown(text, all)) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...texts), cuts).map(([text, all]) => chewed(text, all, texts)) },
  );

/** Nodes of the tree are removed, doubled, swapped, renamed, replaced. */
function grown(text: string, all: Change[]): string {
  const document = parseDocument(text, { strict: false, logLevel: 'silent' });
  for (const change of all) mutate(document, change);
  try {
    return document.toString();
  } catch {
    return text; // what it became cannot be written as YAML
  }
}

function mutate(document: Document, { at, how, with: draw }: Change): void {
  const pairs: Pair[] = [];
  const lists: { items: unknown[] }[] = [];
  const scalars: { value: unknown }[] = [];
  visit(document, {
    Pair: (_, pair) => void pairs.push(pair),
    Seq: (_, list) => void (list.items.length > 0 && lists.push(list)),
    Scalar: (_, scalar) => void scalars.push(scalar),
    Map: (_, map) => void (map.items.length > 0 && lists.push(map)),
  });
  const pick = <T>(from: T[], by: number): T | undefined => from[by % Math.max(1, from.length)];
  const [list, pair, other, scalar] = [pick(lists, at), pick(pairs, at), pick(pairs, draw), pick(scalars, at)];
  switch (how) {
    case 0:
      list?.items.splice(draw % list.items.length, 1);
      break;
    case 1:
      if (list && isSeq(list)) list.items.push(...list.items.slice(0, 1 + (draw % 3)));
      break;
    case 2:
      if (pair && other) [pair.value, other.value] = [other.value, pair.value];
      break;
    case 3:
      if (pair && other && isScalar(pair.key) && isScalar(other.key)) pair.key.value = other.key.value;
      break;
    case 4:
      if (pair && isScalar(pair.key)) pair.key.value = `${String(pair.key.value)}${'sx_'[draw % 3]}`;
      break;
    default:
      if (scalar) scalar.value = parsed(edges[draw % edges.length]!);
  }
}

/** As YAML would read it: a number stays one. */
function parsed(edge: string): unknown {
  const { contents } = parseDocument(edge, { logLevel: 'silent' }) as { contents: Node | null };
  return isScalar(contents) && !isMap(contents) ? contents.value : edge;
}

/** Bytes are flipped, cut, doubled, and taken from another scenario. */
function chewed(text: string, all: Change[], texts: string[]): string {
  return all.reduce((before, { at, how, with: draw }) => {
    const start = at % (before.length + 1);
    const end = Math.min(before.length, start + (draw % 40));
    switch (how) {
      case 0:
        return before.slice(0, start) + before.slice(end);
      case 1:
        return before.slice(0, start) + edges[draw % edges.length] + before.slice(start + 1);
      case 2:
        return before.slice(0, end) + before.slice(start);
      default: {
        const other = texts[draw % texts.length]!;
        return before.slice(0, start) + other.slice(at % other.length, (at % other.length) + 60) + before.slice(start);
      }
    }
  }, text);
}
