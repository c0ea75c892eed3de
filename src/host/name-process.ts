import { writeFileSync } from 'node:fs';

/**
 * What `ps` and `top` call this process. Were all of ours called `node`, a target that is found by that name would be
 * one of them, and `pkill node` would end the guardian.
 * @param name at most 15 bytes, as the kernel keeps no more
 */
export function nameProcess(name: string): void {
  try {
    writeFileSync('/proc/self/comm', name);
  } catch {
    // Another kernel: then it is called as it is.
  }
}
