import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Effect, Mechanism, Sight } from '../model/fault.ts';
import { choice, integer, list, text } from '../model/field.ts';
import type { Need } from '../model/need.ts';
import type { Action } from '../model/operation.ts';
import type { Conversation, PacketRules } from '../model/packet-rules.ts';
import type { ProcessTarget, Target, TargetKind } from '../model/scenario.ts';
import { shareOfLink } from './links.ts';
import { refuseSides, rulesOnNetwork, throughSides, whichSides } from './sides.ts';

/** Which way, in words of a host and of a link, and on which connections of a link. @param usual without a word */
export const whichWay = (usual: 'in' | 'both') => ({
  direction: choice(['in', 'out', 'both', 'upstream', 'downstream'])({
    description:
      'Packets that come in, that go out, or both; one from a host to itself is met once. On a proxied link: what the client sends to the server (`upstream`, or `out`), what the server sends to the client (`downstream`, or `in`), or both.',
    default: usual,
  }),
  ...shareOfLink,
});

/** As rules take it; on hosts the words of links are refused. */
export const wayOnHost = { in: 'in', out: 'out', both: 'both', upstream: 'out', downstream: 'in' } as const;

/** @returns why it does not fit such a target */
export function refuseWay(
  target: Target,
  { direction, share }: { direction: keyof typeof wayOnHost; share: number },
): string | undefined {
  if (target.kind === 'proxy') return undefined;
  if (direction === 'upstream' || direction === 'downstream')
    return `"${direction}" is a way through a proxied link: here it is "direction: ${wayOnHost[direction]}"`;
  return share === 1 ? undefined : 'away from a proxied link, packets are drawn, not connections: leave out "share"';
}

/** What every fault of packets needs on a host, or on a process with a network of its own. */
export function packetNeeds(target: TargetKind | undefined): Need[] {
  const rules: Need[] = [
    { need: 'program', program: 'nft', package: 'nftables' },
    { need: 'program', program: 'ip', package: 'iproute2' },
    { need: 'kernel', feature: 'nftables' },
  ];
  if (target === 'host' || target === 'network')
    return [{ need: 'root', why: 'write packet filter rules', sudo: ['nft', 'ip'] }, ...rules];
  return target === 'process' ? [{ need: 'network namespaces' }, ...rules] : [];
}

const address = '(?:[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+)(?:/[0-9]{1,3})?';
const oneAddress = text({ description: 'An address or a network.', pattern: `^${address}$`, examples: ['10.0.0.2'] });

/** Which packets are meant. */
export const whichPackets = {
  peers: list(oneAddress)({
    description: 'Addresses or networks of the other side. Without any: everybody, but not the host with itself.',
    optional: true,
    examples: [['10.0.0.2'], ['10.0.0.0/24', 'fd00::/8']],
  }),
  ports: list(integer({ description: 'A port.', minimum: 1, maximum: 65535 }))({
    description: 'TCP and UDP ports, on either side. Without any: everything.',
    optional: true,
    examples: [[5432]],
  }),
  ...whichSides,
};

/** For the descriptions of all that work by rules. */
export const rulesElsewhere = `On a process with \`isolate: network\` the same is done in its network namespace: no root is needed, and nobody else is met. \`in\`
is what comes to the process and \`out\` what it sends; \`peers\` are addresses as it knows them (whoever connects to a
published port comes from 127.0.0.1), \`ports\` those that it publishes or reaches.

${rulesOnNetwork}`;

/** Where a rule in the namespace of a process differs from one on a host. */
const relayAccepts = 'connections to the process are still accepted, by its relay';

/** How it is done, wherever it is not by a proxy. */
export const rulesMechanism = (on: TargetKind | undefined, cannot?: string): Mechanism => {
  if (on === 'process')
    return { by: 'nft rules in the network namespace of the process', cannot: cannot ?? relayAccepts };
  const by = on === 'network' ? 'nft rules of its own on each host concerned' : 'nft rules of its own';
  return cannot === undefined ? { by } : { by, cannot };
};

interface Which {
  sides?: string[][] | undefined;
  peers?: string[] | undefined;
  ports?: number[] | undefined;
}

/** Rules in a table of their own, and what takes them away. */
export function throughRules(
  target: Target,
  { sides, ...rules }: PacketRules & { sides: string[][] | undefined },
): { inject: Action[]; undo: Action[] } {
  if (target.kind === 'network') return throughSides(target, { ...rules, sides });
  const conversations = target.kind === 'process' ? { conversations: conversationsOf(target, rules) } : {};
  return {
    inject: [{ op: 'nft-add', target: target.id, rules: { ...rules, ...conversations } }],
    undo: [{ op: 'nft-delete', target: target.id }],
  };
}

/** What of its conversations is meant. */
function conversationsOf({ isolate }: ProcessTarget, { peers = [], ports = [] }: Which): Conversation[] {
  const { publish = [], reach = [] } = isolate?.network ?? {};
  const addresses = new BlockList();
  for (const peer of peers) {
    const [network, prefix] = peer.split('/') as [string, string | undefined];
    const family = isIPv6(network) ? 'ipv6' : 'ipv4';
    addresses.addSubnet(network, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
  }
  const isMeant = (host: string, port: number) =>
    (peers.length === 0 || addresses.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')) &&
    (ports.length === 0 || ports.includes(port));
  return [
    ...publish.filter((port) => isMeant('127.0.0.1', port)).map((port) => ({ publishes: port })),
    ...reach
      .filter(({ address, port }) => isMeant(address, port))
      .map(({ address, port }) => ({ reaches: address, port })),
  ];
}

/** @returns why such a target does not fit */
export function refusePackets(target: Target, which: Which): string | undefined {
  const refusal = refuseSides(target, which) ?? refusePeers(which.peers);
  if (refusal !== undefined) return refusal;
  if (target.kind === 'proxy')
    return which.peers || which.ports ? 'a proxied link has one peer: leave out "peers" and "ports"' : undefined;
  if (target.kind !== 'process') return undefined;
  return (
    refuseSharedNetwork(target) ??
    (conversationsOf(target, which).length === 0
      ? `nothing that ${target.id} publishes or reaches (under "isolate") is meant`
      : undefined)
  );
}

/** What a pattern cannot tell. */
function refusePeers(peers: string[] = []): string | undefined {
  const wrong = peers.find((peer) => {
    const [network, prefix = '0'] = peer.split('/') as [string, string?];
    return isIP(network) === 0 || Number(prefix) > (isIPv6(network) ? 128 : 32);
  });
  return wrong === undefined ? undefined : `"${wrong}" is neither an address nor a network`;
}

/** What harms the network of a process would harm that of the whole machine. */
export const refuseSharedNetwork = (target: Target): string | undefined =>
  target.kind === 'process' && !target.isolate
    ? `${target.id} shares the network of this machine: give it one of its own ("isolate: network"), or target a proxy before it`
    : undefined;

/** Right after the rules were put in. */
export async function rulesBegun(sight: Sight): Promise<Effect> {
  const there = await sight.packets();
  if (there) return { seen: 'pending', summary: 'in force: what it does shows as packets pass', figures: {} };
  return { seen: 'unseen', summary: 'the rules are not there', figures: {} };
}

export const rulesEnded = async (sight: Sight): Promise<string | undefined> =>
  (await sight.packets()) === undefined ? undefined : 'the rules are still there';

/** @returns why a whole machine may not be cut off, when it is one and nothing narrows what is meant */
export function refuseWholeMachine(target: Target, { peers, ports }: Which): string | undefined {
  if (target.kind !== 'host' || target.namespace !== undefined || peers || ports) return undefined;
  return `this would cut the whole machine off, and you with it: name "peers" or "ports"`;
}
