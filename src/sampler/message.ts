import type { LedgerResult, Sample } from '../model/event.ts';
import type { Probe, ProbeSpec } from '../model/scenario.ts';

/*
 * runner ──Request──▶ sampler ──Report──▶ runner, over the channel that Node opens between a parent and its child.
 * Each request is answered once, by its number.
 */

export type Request = { request: number } & RequestBody;

export type RequestBody =
  | { type: 'start'; probes: Probe[] }
  | { type: 'once'; spec: ProbeSpec }
  | { type: 'verify'; probe: string }
  | { type: 'stop-sampling' }
  | { type: 'close' };

export type Report =
  | { type: 'ready' }
  | { type: 'samples'; probe: string; samples: Sample[] }
  | { type: 'done'; request: number; result: Sample | LedgerResult | number | null }
  | { type: 'failed'; request: number; message: string };
