import type { JsonObject } from '../../model/json.ts';

export type Stream = 'upstream' | 'downstream';
export type Attributes = Record<string, number>;

/** A type of toxic: its attributes, all of them whole numbers and 0 when left out, and the fault of ours that it is. */
export interface ToxicType {
  type: string;
  summary: string;
  attributes: Record<string, { description: string }>;
  /** @returns absent for what does nothing */
  fault(attributes: Attributes, stream: Stream, seed: string): { kind: string; settings: JsonObject } | undefined;
}

const dayMs = 86_400_000;

/** Clients may send what means nothing, such as a negative time; it counts as the nearest that means something. */
const timeMs = (ms: number): number => Math.min(Math.max(0, ms), dayMs);
const sizeBytes = (bytes: number): number => Math.min(Math.max(0, bytes), Number.MAX_SAFE_INTEGER);

const types: readonly ToxicType[] = [
  {
    type: 'latency',
    summary: 'Everything comes later, the end of the connection too; nothing overtakes.',
    attributes: {
      latency: { description: 'Milliseconds.' },
      jitter: {
        description: 'Milliseconds that are added or taken away by chance, evenly spread; never below 0 in all.',
      },
    },
    fault: ({ latency, jitter }, direction, seed) => ({
      kind: 'delay',
      settings: {
        latencyMs: timeMs(latency!),
        jitterMs: timeMs(jitter!),
        distribution: 'uniform',
        share: 1,
        direction,
        seed,
      },
    }),
  },
  {
    type: 'bandwidth',
    summary: 'No more than a rate passes, for each connection by itself.',
    attributes: { rate: { description: 'KB (1000 bytes) a second; 0 lets nothing pass until the toxic is removed.' } },
    fault: ({ rate }, direction) =>
      rate! > 0
        ? {
            kind: 'bandwidth',
            settings: { bytesPerSecond: Math.min(rate! * 1000, 1e12), per: 'connection', direction },
          }
        : { kind: 'blackhole', settings: { direction } },
  },
  {
    type: 'slow_close',
    summary: 'The end of the connection comes later; bytes are not held back.',
    attributes: { delay: { description: 'Milliseconds.' } },
    fault: ({ delay }, direction) => ({ kind: 'slow-close', settings: { delayMs: timeMs(delay!), direction } }),
  },
  {
    type: 'timeout',
    summary: 'Bytes are dropped, and the connection is closed after a time, or when the toxic is removed.',
    attributes: { timeout: { description: 'Milliseconds; 0 never closes it.' } },
    fault: (attributes, direction) => ({
      kind: 'timeout',
      settings: { timeoutMs: timeMs(attributes.timeout!), direction },
    }),
  },
  {
    type: 'reset_peer',
    summary: 'The connection breaks with RST on both sides, after a time since it was made or the toxic came.',
    attributes: { timeout: { description: 'Milliseconds; 0 breaks it at once.' } },
    fault: ({ timeout }, _, seed) => {
      const afterMs = timeMs(timeout!);
      return { kind: 'reset', settings: { share: 1, seed, ...(afterMs > 0 ? { afterMs } : {}) } };
    },
  },
  {
    type: 'slicer',
    summary: 'Bytes are sent in small pieces, each by itself.',
    attributes: {
      average_size: { description: 'Bytes of a piece, on average; 0 slices nothing.' },
      size_variation: { description: 'Bytes that a piece is larger or smaller by chance; at most the average.' },
      delay: { description: 'Microseconds from one piece to the next.' },
    },
    fault: ({ average_size, size_variation, delay }, direction, seed) => {
      if (average_size! < 1) return undefined;
      const averageBytes = sizeBytes(average_size!);
      const variationBytes = Math.min(sizeBytes(size_variation!), averageBytes);
      const settings = { averageBytes, variationBytes, delayMs: timeMs(delay! / 1000), direction, seed };
      return { kind: 'slicer', settings };
    },
  },
  {
    type: 'limit_data',
    summary: 'The connection is closed when so many bytes have passed.',
    attributes: { bytes: { description: 'Bytes, counted from when the toxic came to the connection.' } },
    fault: ({ bytes }, direction) => ({ kind: 'limit-data', settings: { bytes: sizeBytes(bytes!), direction } }),
  },
  { type: 'noop', summary: 'Does nothing.', attributes: {}, fault: () => undefined },
];

export const toxicTypes: ReadonlyMap<string, ToxicType> = new Map(types.map((one) => [one.type, one]));
