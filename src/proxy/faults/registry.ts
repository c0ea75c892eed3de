import { bandwidth } from './bandwidth.ts';
import { blackhole } from './blackhole.ts';
import { bothWays } from './both-ways.ts';
import { corrupt } from './corrupt.ts';
import { delay } from './delay.ts';
import type { FaultKind } from './fault.ts';
import { httpBandwidth } from './http-bandwidth.ts';
import { httpChange } from './http-change.ts';
import { httpDelay } from './http-delay.ts';
import { httpFailure } from './http-failure.ts';
import { limitData } from './limit-data.ts';
import { loss } from './loss.ts';
import { onShare } from './on-share.ts';
import { queryFailure } from './query-failure.ts';
import { refuse } from './refuse.ts';
import { resetConnections } from './reset.ts';
import { slicer } from './slicer.ts';
import { slowAccept } from './slow-accept.ts';
import { slowClose } from './slow-close.ts';
import { slowQuery } from './slow-query.ts';
import { timeout } from './timeout.ts';

/** Every kind of fault in the proxy. Adding one is its file and its line here. */
const kinds: readonly FaultKind[] = [
  onShare(bandwidth),
  onShare(blackhole),
  onShare(corrupt),
  onShare(delay),
  onShare(bothWays(limitData)),
  onShare(loss),
  refuse,
  resetConnections,
  onShare(bothWays(slicer)),
  slowAccept,
  onShare(bothWays(slowClose)),
  onShare(timeout),
  httpBandwidth,
  httpChange,
  httpDelay,
  httpFailure,
  queryFailure,
  slowQuery,
];

export const faultKinds: ReadonlyMap<string, FaultKind> = new Map(kinds.map((kind) => [kind.kind, kind]));
