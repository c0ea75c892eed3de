import { bandwidth } from './bandwidth.ts';
import { blackhole } from './blackhole.ts';
import { delay } from './delay.ts';
import type { FaultKind } from './fault.ts';
import { httpChange } from './http-change.ts';
import { httpDelay } from './http-delay.ts';
import { httpFailure } from './http-failure.ts';
import { loss } from './loss.ts';
import { queryFailure } from './query-failure.ts';
import { resetConnections } from './reset.ts';
import { slowQuery } from './slow-query.ts';

/** Every kind of fault in the proxy. Adding one is its file and its line here. */
const kinds: readonly FaultKind[] = [
  bandwidth,
  blackhole,
  delay,
  loss,
  resetConnections,
  httpChange,
  httpDelay,
  httpFailure,
  queryFailure,
  slowQuery,
];

export const faultKinds: ReadonlyMap<string, FaultKind> = new Map(kinds.map((kind) => [kind.kind, kind]));
