import type { Effect, Sight } from '../model/fault.ts';
import { integer, list, text } from '../model/field.ts';
import type { Need } from '../model/need.ts';
import type { Target, TargetKind } from '../model/scenario.ts';

/** What every fault of packets needs on a host. */
export const packetNeeds = (target: TargetKind | undefined): Need[] =>
  target === 'host'
    ? [
        { need: 'root', why: 'write packet filter rules', sudo: ['nft', 'ip'] },
        { need: 'program', program: 'nft', package: 'nftables' },
        { need: 'program', program: 'ip', package: 'iproute2' },
        { need: 'kernel', feature: 'nftables' },
      ]
    : [];

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
};

/** Right after the rules were put in. */
export async function rulesBegun(sight: Sight): Promise<Effect> {
  const there = await sight.packets();
  if (there) return { seen: 'pending', summary: 'in force: what it does shows as packets pass', figures: {} };
  return { seen: 'unseen', summary: 'the rules are not there', figures: {} };
}

export const rulesEnded = async (sight: Sight): Promise<string | undefined> =>
  (await sight.packets()) === undefined ? undefined : 'the rules are still there';

/** @returns why a whole machine may not be cut off, when it is one and nothing narrows what is meant */
export function refuseWholeMachine(
  target: Target,
  { peers, ports }: { peers?: string[] | undefined; ports?: number[] | undefined },
): string | undefined {
  if (target.kind !== 'host' || target.namespace !== undefined || peers || ports) return undefined;
  return `this would cut the whole machine off, and you with it: name "peers" or "ports"`;
}
