import { BlockList, isIP } from 'node:net';
import { defaultDevice } from '../../host/devices.ts';
import type { Action, NetworkLine } from '../../model/operation.ts';
import type { PacketRules } from '../../model/packet-rules.ts';
import type { Plan } from '../../model/plan.ts';
import type { Address } from '../../probes/address.ts';
import { probeKindNamed } from '../../probes/registry.ts';
import { addressesOf, nodeNamed, waysTo } from '../injection/nodes.ts';
import type { Lockout } from './lockouts.ts';
import { isOurs, sshConnection } from './ways-in.ts';

/** A rule that hits less than this share of packets slows a connection, and does not cut it. */
const cuttingShare = 0.5;

/** What of ours an action on the packets of this machine would cut off. */
export async function cutOff(action: Action, plan: Plan): Promise<Lockout[]> {
  if (action.op !== 'nft-add' && action.op !== 'qdisc-add') return [];
  if (!isOnThisMachine(action, plan)) return [];
  if (action.op === 'qdisc-add') return await defaultRoute(await devicesOf(action, plan));
  const rules = await whoIsMeant(action, plan);
  if (!rules || (rules.drawnFor === 'packet' && rules.share < cuttingShare)) return [];
  return [...sshSession(rules), ...ownProbes(rules, plan), ...everywhere(rules)];
}

function isOnThisMachine({ target, line }: { target: string; line?: NetworkLine }, plan: Plan): boolean {
  if (line) {
    const node = nodeNamed(plan, target, line.node);
    return node.here && isOurs(node.namespace);
  }
  const host = plan.targets.find(({ id }) => id === target);
  return host?.kind === 'host' && isOurs(host.namespace);
}

/** The interfaces that are harmed; `undefined`: that of the default route. What cannot be known yet will be asked again. */
async function devicesOf(
  { target, line, interface: device }: Extract<Action, { op: 'qdisc-add' }>,
  plan: Plan,
): Promise<(string | undefined)[]> {
  if (!line) return [device];
  return (await waysTo(plan, target, line).catch(() => [])).map((way) => way.device);
}

/** With the addresses of those who are meant by name; `undefined` while nobody knows them. */
async function whoIsMeant(
  { target, line, rules }: Extract<Action, { op: 'nft-add' }>,
  plan: Plan,
): Promise<PacketRules | undefined> {
  if (!line) return rules;
  const peers = await Promise.all(line.peers.map((name) => addressesOf(plan, target, name))).catch(() => undefined);
  return peers && { ...rules, peers: peers.flat() };
}

async function defaultRoute(devices: (string | undefined)[]): Promise<Lockout[]> {
  const main = await defaultDevice(undefined).catch(() => undefined);
  if (main === undefined || !devices.some((device) => device === undefined || device === main)) return [];
  return [{ message: `${main} carries the default route of this machine`, protection: 'default-route' }];
}

function everywhere({ peers, ports }: PacketRules): Lockout[] {
  const isAll = peers.length === 0 || peers.some((peer) => peer.endsWith('/0'));
  if (!isAll || ports.length > 0) return [];
  return [{ message: 'it would cut everything off that this machine is connected to', protection: 'default-route' }];
}

function sshSession(rules: PacketRules): Lockout[] {
  const ssh = sshConnection();
  if (!ssh || !meets(rules, ssh.client, [ssh.clientPort, ssh.serverPort])) return [];
  return [
    {
      message: `it would cut the SSH session from ${ssh.client} that the run was started in`,
      protection: 'ssh-session',
    },
  ];
}

function ownProbes(rules: PacketRules, { probes }: Plan): Lockout[] {
  return probes.flatMap(({ id, kind, settings }) => {
    const address = probeKindNamed(kind)?.reaches?.(settings as never);
    if (!address || !meets(rules, numeric(address), [address.port])) return [];
    return [{ message: `it would cut the probe ${id} off from ${address.host}:${address.port}`, protection: 'probes' }];
  });
}

/** A name that has to be looked up is taken to be somewhere else. */
const numeric = ({ host }: Address): string | undefined =>
  host === 'localhost' ? '127.0.0.1' : isIP(host) === 0 ? undefined : host;

/** Whether packets to and from an address, and a port on either side, are meant. */
function meets({ peers, ports }: PacketRules, address: string | undefined, either: number[]): boolean {
  if (ports.length > 0 && !ports.some((port) => either.includes(port))) return false;
  if (peers.length === 0) return address === undefined || !includes(['127.0.0.0/8', '::1'], address);
  return address !== undefined && includes(peers, address);
}

function includes(peers: string[], address: string): boolean {
  const list = new BlockList();
  for (const peer of peers) {
    const [network = '', prefix] = peer.split('/');
    const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(prefix), family);
  }
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
