import { list, text } from '../model/field.ts';
import type { Action, NetworkLine } from '../model/operation.ts';
import type { PacketRules } from '../model/packet-rules.ts';
import type { NetworkTarget, Target } from '../model/scenario.ts';

/** Between whom, in a network. */
export const whichSides = {
  sides: list(list(text({ description: 'The name of a node.' }))({ description: 'The nodes of a side.' }))({
    description:
      'In a network: the sides between which packets are met; within a side, and for nodes on none, nothing changes. Without it each node is a side.',
    optional: true,
    examples: [[['a'], ['b', 'c']]],
  }),
};

/** For the descriptions of all that work between sides. */
export const rulesOnNetwork = `In a network the same is done between \`sides\`, by a table of rules for each host concerned: where packets arrive, or where
they leave if they arrive elsewhere. A \`direction\` is seen from the first side.`;

type Sides = string[][];

/** One table of rules for each end, and what takes them away. */
export function throughSides(
  target: NetworkTarget,
  { sides, ...rules }: PacketRules & { sides: Sides | undefined },
): { inject: Action[]; undo: Action[] } {
  const lines = linesBetween(target, sides, rules.direction);
  return {
    inject: lines.map((line) => ({
      op: 'nft-add',
      target: target.id,
      line,
      rules: { ...rules, direction: line.direction },
    })),
    undo: lines.map((line) => ({ op: 'nft-delete', target: target.id, line })),
  };
}

/** @returns why there cannot be such sides */
export function refuseSides(
  target: Target,
  { sides, peers }: { sides?: Sides | undefined; peers?: string[] | undefined },
): string | undefined {
  if (target.kind !== 'network')
    return sides ? `"sides" are those of a network: ${target.id} is a ${target.kind}` : undefined;
  if (peers) return 'in a network the other side is among the "sides": leave out "peers"';
  const { id, nodes } = target;
  const named = sides?.flat() ?? Object.keys(nodes);
  const unknown = named.find((name) => !Object.hasOwn(nodes, name));
  if (unknown !== undefined) return `${id} has no node "${unknown}"; its nodes: ${Object.keys(nodes).join(', ')}`;
  const twice = named.find((name, place) => named.indexOf(name) !== place);
  if (twice !== undefined) return `the node "${twice}" is on two sides`;
  if (sides?.length === 1) return 'there have to be two sides';
  const elsewhere = named.filter((name) => !nodes[name]!.here);
  const sideOf = (name: string) => (sides ?? named.map((one) => [one])).findIndex((side) => side.includes(name));
  const [one, other] = elsewhere.flatMap((first) =>
    elsewhere.flatMap((second) => (sideOf(first) < sideOf(second) ? [first, second] : [])),
  );
  return one === undefined
    ? undefined
    : `"${one}" and "${other}" are both elsewhere: of two sides one has to be on this machine`;
}

/** What each node that is here sends to those on other sides. */
export const departures = (
  { nodes }: NetworkTarget,
  sides: Sides = Object.keys(nodes).map((name) => [name]),
): NetworkLine[] =>
  sides.flatMap((side) =>
    side
      .filter((node) => nodes[node]!.here)
      .map((node) => ({ node, direction: 'out', peers: sides.filter((other) => other !== side).flat() })),
  );

/** Each packet between sides is met once. */
function linesBetween(
  { nodes }: NetworkTarget,
  sides: Sides = Object.keys(nodes).map((name) => [name]),
  direction: PacketRules['direction'],
): NetworkLine[] {
  const lines = new Map<string, NetworkLine>();
  for (const [from, senders] of sides.entries())
    for (const [to, receivers] of sides.entries()) {
      if (from === to || (direction === 'out' && from !== 0) || (direction === 'in' && to !== 0)) continue;
      for (const sender of senders)
        for (const receiver of receivers)
          if (nodes[receiver]!.here) join(lines, receiver, 'in', sender);
          else join(lines, sender, 'out', receiver);
    }
  return [...lines.values()];
}

function join(lines: Map<string, NetworkLine>, node: string, direction: 'in' | 'out', peer: string): void {
  const key = JSON.stringify([node, direction]);
  const line = lines.get(key) ?? { node, direction, peers: [] };
  line.peers.push(peer);
  lines.set(key, line);
}
