/** How delays that are drawn lie around the one that was asked for. */
export const delayDistributions = ['uniform', 'normal', 'pareto'] as const;
export type DelayDistribution = (typeof delayDistributions)[number];
