import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** What the kernel says that a process has taken since it began. */
export interface Usage {
  /** Time on processors, all its threads together; exact to 10 ms. */
  cpuMs: number;
  /** Memory of its own that is really there (RssAnon). */
  memoryBytes: number;
  /** What it wrote, and what of it went towards a disk. */
  writtenBytes: number;
  storedBytes: number;
  /** Space on file systems that it holds by files without a name. */
  namelessBytes: number;
}

/** Clock ticks in /proc are hundredths of a second on every Linux that Node runs on. */
const tickMs = 10;

/** @returns `undefined` when the process is gone. @see man 5 proc */
export function usageOf(pid: number): Usage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const io = readFileSync(`/proc/${pid}/io`, 'utf8');
    return {
      cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
      memoryBytes: numberAfter(status, 'RssAnon:') * 1024,
      writtenBytes: numberAfter(io, 'wchar:'),
      storedBytes: numberAfter(io, 'write_bytes:'),
      namelessBytes: namelessBytesOf(pid),
    };
  } catch {
    return undefined;
  }
}

const numberAfter = (text: string, label: string): number =>
  Number(new RegExp(`^${label}\\s*([0-9]+)`, 'm').exec(text)?.[1] ?? 0);

function namelessBytesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`)
    .map((descriptor) => `/proc/${pid}/fd/${descriptor}`)
    .filter((link) => /^\/.* \(deleted\)$/.test(readlinkSync(link)))
    .reduce((sum, link) => sum + statSync(link).blocks * 512, 0);
}
