import type { LedgerResult, Sample, WorkloadResult } from '../model/event.ts';
import type { Probe, ProbeSpec } from '../model/scenario.ts';
import type { Watch } from './last-resort.ts';
import type { Tripped } from './safeguards.ts';

/*
 * runner ──Request──▶ sampler ──Report──▶ runner, over the channel that Node opens between a parent and its child.
 * Each request is answered once, by its number.
 */

export type Request = { request: number } & RequestBody;

export type RequestBody =
  | { type: 'start'; probes: Probe[]; watch?: Watch }
  | { type: 'once'; spec: ProbeSpec }
  | { type: 'verify'; probe: string }
  | { type: 'stop-sampling' }
  /** It has heard that a safeguard was broken. */
  | { type: 'heard' }
  | { type: 'close' };

export type Report =
  | { type: 'ready' }
  | { type: 'samples'; probe: string; samples: Sample[] }
  | ({ type: 'tripped' } & Tripped)
  | { type: 'done'; request: number; result: Sample | LedgerResult | WorkloadResult | number | null }
  | { type: 'failed'; request: number; message: string };
