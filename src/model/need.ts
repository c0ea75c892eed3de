/** What a mechanism needs of the machine that it works on. */
export type Need =
  /** `package` is Debian's. */
  | { need: 'program'; program: string; package: string }
  /** `sudo`: the programs that do it, for whom it is enough to run those by `sudo` without a password. */
  | { need: 'root'; why: string; sudo?: string[] }
  | { need: 'kernel'; feature: KernelFeature }
  /** For processes of one's own, with or without root. */
  | { need: 'network namespaces' }
  /** To attach to processes that are not one's own children. */
  | { need: 'ptrace' }
  /** Control groups that can be frozen. */
  | { need: 'freezer' }
  /** The library that answers for the clock. */
  | { need: 'faketime' };

/** What a kernel may have been built without. */
export type KernelFeature = 'nftables' | 'nat' | 'mount namespaces' | 'netem' | 'tbf' | 'traffic classes';

/** For people: `the program nft (Debian: nftables)`. */
export function needInWords(need: Need): string {
  switch (need.need) {
    case 'program':
      return `the program ${need.program} (Debian: ${need.package})`;
    case 'root':
      return `root${need.sudo ? `, or sudo without a password for ${need.sudo.join(' and ')}` : ''}, to ${need.why}`;
    case 'kernel':
      return `a kernel with ${need.feature}`;
    case 'network namespaces':
      return 'the right to make network namespaces (for others than root, by user namespaces)';
    case 'ptrace':
      return 'the right to trace processes';
    case 'freezer':
      return 'control groups that can be frozen';
    case 'faketime':
      return 'libfaketime (Debian: faketime)';
  }
}
