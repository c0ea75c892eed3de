import type { StepKind } from '../../model/scenario.ts';

/** Groups only order others: they are no promise, and have no row or case of their own. */
export const isGroup = (kind: StepKind | (string & {})): boolean => kind === 'parallel' || kind === 'sequence';
