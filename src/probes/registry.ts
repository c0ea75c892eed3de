import type { ProbeKind } from '../model/probe.ts';

/** Every kind of probe. Adding one is its file and its line here. */
export const probeKinds: readonly ProbeKind[] = [];

export const probeKindNamed = (kind: string): ProbeKind | undefined => probeKinds.find((probe) => probe.kind === kind);
