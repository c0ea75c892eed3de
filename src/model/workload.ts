const workloads: readonly string[] = ['counter', 'register', 'transfers'];

/**
 * Whether what a kind of probe did all the while is verified at the end of the run, and as what. Such a probe has no place
 * where a single answer is asked for.
 */
export const verifiedAs = (kind: string): 'ledger' | 'workload' | undefined =>
  kind === 'ledger' ? 'ledger' : workloads.includes(kind) ? 'workload' : undefined;
