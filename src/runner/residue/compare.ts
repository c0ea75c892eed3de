import type { ResidueCheck, Seen, Site } from '../../model/residue.ts';
import { look } from './look.ts';

/** What is at each site before the first fault; where it cannot be looked is told, not thrown. */
export async function lookAtAll(sites: Site[], run: string): Promise<Seen[]> {
  const seen = await Promise.all(sites.map((site) => firstLook(site, run).catch(() => undefined)));
  return seen.flatMap((one) => one ?? []);
}

/** A run that has not begun has started nothing: every process of the machine need not be asked. */
const firstLook = async (site: Site, run: string): Promise<Seen> =>
  site.site === 'started' ? { site, lines: [] } : await look(site, run);

/** Looks again at what was seen before the first fault. */
export async function compareWith(before: Seen[], run: string): Promise<ResidueCheck> {
  const check: ResidueCheck = { looked: [], residue: [], unseen: [] };
  for (const { site, lines: then } of before) {
    const where = inWords(site);
    try {
      const { lines: now } = await look(site, run);
      check.looked.push(where);
      // What is gone as a whole cannot bear anything.
      if (now === null) continue;
      const appeared = without(now, then ?? []);
      // What had no lines then had a reason of its own.
      const vanished = then === null ? [] : without(then, now);
      if (appeared.length + vanished.length > 0) check.residue.push({ where, appeared, vanished });
    } catch (error) {
      check.unseen.push(`${where}: ${(error as Error).message}`);
    }
  }
  return check;
}

/** The lines of one that the other has not, each as often as it has them more. */
function without(lines: string[], others: string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = counts.get(line) ?? 0;
    counts.set(line, count - 1);
    return count <= 0;
  });
}

function inWords(site: Site): string {
  switch (site.site) {
    case 'rules':
      return `the packet rules of ${hostInWords(site.namespace)}`;
    case 'queues':
      return `the queues of ${site.device} on ${hostInWords(site.namespace)}`;
    case 'process':
      return `process ${site.process.pid} of ${site.target}`;
    case 'listeners':
      return 'the listeners on the ports of its proxies';
    case 'socket':
      return 'the socket of a link';
    case 'directory':
      return `files of chaos in ${site.path}`;
    case 'scratch':
      return 'its private folder';
    case 'started':
      return 'the processes that it started';
  }
}

const hostInWords = (namespace: string | undefined): string =>
  namespace === undefined ? 'this machine' : `the network namespace ${namespace}`;
