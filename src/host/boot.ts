import { readFileSync } from 'node:fs';

/** Another after each start of the machine. `''` where the kernel does not say. @see man 4 random */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
