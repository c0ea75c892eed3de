/** What happens to packets on their way out of a network interface. Shares are 0..1 and drawn for each packet by itself. */
export interface Impairment {
  /** No more leaves a second, headers included. */
  bytesPerSecond?: number;
  delay?: Lateness;
  /** The share that vanishes. */
  loss?: number;
  /** The share that has a flipped bit. */
  corruption?: number;
  /** The share that is sent twice. */
  duplication?: number;
  /** The share that is not delayed, and so overtakes. */
  overtaking?: number;
}

export interface Lateness {
  latencyMs: number;
  /** How far each delay may lie from it, to either side. */
  jitterMs: number;
  /** How much each delay is like the one before. */
  correlation: number;
}

/** What several do to one interface at once: delays add up, the lowest rate counts, each draws by itself. */
export function together(all: Impairment[]): Impairment {
  const rates = all.flatMap(({ bytesPerSecond }) => bytesPerSecond ?? []);
  const delays = all.flatMap(({ delay }) => delay ?? []);
  return {
    ...(rates.length > 0 ? { bytesPerSecond: Math.min(...rates) } : {}),
    ...(delays.length > 0 ? { delay: inARow(delays) } : {}),
    ...anyOf('loss', all),
    ...anyOf('corruption', all),
    ...anyOf('duplication', all),
    ...anyOf('overtaking', all),
  };
}

const inARow = (delays: Lateness[]): Lateness => ({
  latencyMs: delays.reduce((sum, { latencyMs }) => sum + latencyMs, 0),
  jitterMs: delays.reduce((sum, { jitterMs }) => sum + jitterMs, 0),
  correlation: Math.max(...delays.map(({ correlation }) => correlation)),
});

/** The share that at least one of them hits. */
function anyOf(
  what: 'loss' | 'corruption' | 'duplication' | 'overtaking',
  all: Impairment[],
): Pick<Impairment, typeof what> {
  const shares = all.flatMap((one) => one[what] ?? []);
  return shares.length > 0 ? { [what]: 1 - shares.reduce((missed, share) => missed * (1 - share), 1) } : {};
}
