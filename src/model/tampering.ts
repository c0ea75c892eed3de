/** What happens to system calls of a process on their way to the kernel. */
export interface Tampering {
  /** Names of system calls; those that a kernel does not have are no mistake. */
  calls: string[];
  /** Only calls that are about these files. None: about whatever. Absolute once it is bound to processes. */
  paths: string[];
  /** As strace writes it: `error=EIO:when=1+2`, `delay_enter=50000`. */
  effect: string;
}
