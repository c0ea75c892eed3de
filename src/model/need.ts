/** What a mechanism needs of the machine that it works on. */
export type Need =
  /** `package` is Debian's. */
  | { need: 'program'; program: string; package: string }
  | { need: 'root'; why: string }
  | { need: 'kernel'; feature: KernelFeature }
  /** To attach to processes that are not one's own children. */
  | { need: 'ptrace' }
  /** Control groups that can be frozen. */
  | { need: 'freezer' }
  /** The library that answers for the clock. */
  | { need: 'faketime' };

/** What a kernel may have been built without. */
export type KernelFeature = 'nftables' | 'nat' | 'mount namespaces' | 'netem' | 'tbf';

/** For people: `the program nft (Debian: nftables)`. */
export function needInWords(need: Need): string {
  switch (need.need) {
    case 'program':
      return `the program ${need.program} (Debian: ${need.package})`;
    case 'root':
      return `root, to ${need.why}`;
    case 'kernel':
      return `a kernel with ${need.feature}`;
    case 'ptrace':
      return 'the right to trace processes';
    case 'freezer':
      return 'control groups that can be frozen';
    case 'faketime':
      return 'libfaketime (Debian: faketime)';
  }
}
