/** How long, in milliseconds, an observer looks for an effect that follows from what was done, before it is unseen. */
export const observationLimitMs = 5000;
