import type { FaultKind } from './fault.ts';

/** The port is closed: who wants to connect is refused by the kernel. Connections that exist go on. */
export const refuse: FaultKind = {
  kind: 'refuse',
  closesPort: true,
  begin: () => ({
    join: () => ({ near: 'wire', upstream: undefined, downstream: undefined }),
    counters: () => ({}),
  }),
};
