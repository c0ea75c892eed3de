/** Monotonic milliseconds, in fractions: the one clock of this process. */
export const nowMs = (): number => performance.now();
