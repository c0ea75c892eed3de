import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { datagramPorts, listeners } from '../../host/listeners.ts';
import { markName } from '../../host/mark.ts';
import { namespaceExists } from '../../host/namespace.ts';
import { tableNamePrefix, tablesOf } from '../../host/nft.ts';
import { openFiles } from '../../host/open-files.ts';
import { isAlive, processesWithEnvironment, processFacts, processState, tracerOf } from '../../host/processes.ts';
import { qdiscsOf } from '../../host/qdisc.ts';
import type { ProcessIdentity } from '../../model/operation.ts';
import type { Seen, Site } from '../../model/residue.ts';

/** What is there now. @throws with one line when it cannot be looked at */
export async function look(site: Site, run: string): Promise<Seen> {
  return { site, lines: await linesAt(site, run) };
}

async function linesAt(site: Site, run: string): Promise<string[] | null> {
  switch (site.site) {
    case 'rules':
      return namespaceExists(site.namespace) ? flat(await tablesOf(site), run) : null;
    case 'queues':
      return namespaceExists(site.namespace) ? await qdiscsOf(site) : null;
    case 'process':
      return isAlive(site.process) ? stateOf(site.process) : null;
    case 'listeners':
      return taken(site).map((port) => `port ${port}`);
    case 'socket':
      return existsSync(site.path) ? [site.path] : [];
    case 'directory':
      return existsSync(site.path) ? readdirSync(site.path).filter((name) => name.startsWith('.chaos-')) : null;
    case 'scratch':
      return existsSync(site.path) ? [site.path, ...mountsIn(site.path)] : mountsIn(site.path);
    case 'started':
      return processesWithEnvironment(markName, site.run)
        .filter(({ pid }) => pid !== process.pid)
        .map(({ pid, name }) => `process ${pid} (${name})`);
  }
}

function taken({ ports, over }: Extract<Site, { site: 'listeners' }>): number[] {
  const all = new Set(over === 'udp' ? datagramPorts() : listeners().map(({ port }) => port));
  return ports.filter((port) => all.has(port));
}

/**
 * A ruleset as lines that each say all of where they stand. What other runs put there, and may be taking away at this
 * moment, is theirs.
 */
function flat(ruleset: string, run: string): string[] {
  const lines: string[] = [];
  const around: string[] = [];
  for (const raw of ruleset.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (line === '}') around.pop();
    else lines.push([...around, line.replace(/ \{$/, '')].join(' · '));
    if (line.endsWith('{')) around.push(line.slice(0, -2));
  }
  return lines.filter((line) => !ofAnotherRun.test(line) || line.includes(tableNamePrefix(run)));
}

const ofAnotherRun = new RegExp(`^table inet ${tableNamePrefix('')}`);

/** What a fault can change of a process that was not started by the run. */
function stateOf(process: ProcessIdentity): string[] {
  const { pid } = process;
  const who = `pid ${pid} (${processFacts(pid)?.name})`;
  const tracer = tracerOf(pid);
  return [
    ...(processState(process).state === 'stopped' ? [`${who} is stopped`] : []),
    ...(tracer === 0 ? [] : [`${who} is traced by process ${tracer}`]),
    `${who} may open ${openFiles(pid)?.limit} files`,
  ];
}

/** The name of a private folder is drawn: whatever mentions it belongs to it. */
const mountsIn = (path: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(basename(path)))
    .map((line) => `mounted: ${line}`);
