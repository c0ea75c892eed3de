import { onShare } from '../faults/on-share.ts';
import { bandwidth } from './bandwidth.ts';
import { blackhole } from './blackhole.ts';
import { corrupt, duplicate, loss } from './by-chance.ts';
import { delay } from './delay.ts';
import type { DatagramFaultKind } from './fault.ts';
import { reorder } from './reorder.ts';

/** Every kind of fault of datagrams. Adding one is its file and its line here. */
const kinds: readonly DatagramFaultKind[] = [
  onShare(bandwidth),
  onShare(blackhole),
  onShare(corrupt),
  onShare(delay),
  onShare(duplicate),
  onShare(loss),
  onShare(reorder),
];

export const datagramFaultKinds: ReadonlyMap<string, DatagramFaultKind> = new Map(kinds.map((one) => [one.kind, one]));
