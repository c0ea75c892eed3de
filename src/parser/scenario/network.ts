import { isIP } from 'node:net';
import type { JsonObject } from '../../model/json.ts';
import type { Pointer } from '../../model/place.ts';
import type { NetworkNode, NetworkTarget } from '../../model/scenario.ts';
import { type Findings, join } from '../findings.ts';
import { asObject, textAt, textsAt } from './written.ts';

/** The hosts of a network. */
export function readNodes(written: JsonObject, pointer: Pointer, findings: Findings): NetworkTarget['nodes'] {
  if (Object.keys(written).length < 2)
    findings.value(pointer, 'node', 'a network has at least two nodes', 'name those that talk to each other');
  const nodes = Object.entries(written).map(([name, one]) => [
    name,
    readNode(name, asObject(one), join(pointer, name), findings),
  ]);
  return Object.fromEntries(nodes) as NetworkTarget['nodes'];
}

function readNode(name: string, about: JsonObject, pointer: Pointer, findings: Findings): NetworkNode {
  const namespace = textAt(about, 'namespace');
  const isThisMachine = Object.hasOwn(about, 'host');
  const addresses = textsAt(about, 'addresses');
  for (const [index, address] of addresses.entries())
    if (isIP(address) === 0)
      findings.value(
        join(join(pointer, 'addresses'), index),
        'address',
        `"${address}" is no address`,
        'packets are told by addresses in numbers, such as 10.0.0.2',
      );
  if (namespace !== undefined && isThisMachine)
    findings.value(
      pointer,
      'node',
      `${name} is a network namespace or this machine, not both`,
      'leave "namespace" or "host" out',
    );
  if (namespace !== undefined) return { here: true, namespace, addresses };
  if (isThisMachine) return { here: true, addresses };
  if (addresses.length === 0)
    findings.value(pointer, 'node', `nothing says where ${name} is`, 'give it a "namespace" or "addresses"');
  return { here: false, addresses };
}
