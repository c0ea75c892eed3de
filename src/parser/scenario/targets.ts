import { isIP } from 'node:net';
import type { Command } from '../../model/command.ts';
import { milliseconds, seconds } from '../../model/duration.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Pointer } from '../../model/place.ts';
import { isProtocolName } from '../../model/protocol.ts';
import type { ProxyTarget, Readiness, RunningTarget, Target } from '../../model/scenario.ts';
import { type Service, startOf } from '../../model/service.ts';
import { parseAddress } from '../../probes/address.ts';
import { type Findings, join } from '../findings.ts';
import { targetKinds } from '../schema/kinds.ts';
import { hintFor } from '../suggest.ts';
import { readIsolation } from './isolation.ts';
import { readNodes } from './network.ts';
import { readProbe } from './probes.ts';
import { asObject, durationAt, listAt, numberAt, objectAt, textAt, textsAt, textsByName } from './written.ts';

export function readTargets(written: JsonObject, findings: Findings): Target[] {
  const targets = Object.entries(written).flatMap(([id, one]) => readTarget(id, asObject(one), findings) ?? []);
  const startable = Object.keys(written).filter((id) => !Object.hasOwn(asObject(written[id]), 'group'));
  refuseUnknownNeeds(targets, startable, findings);
  refuseCircles(targets, findings);
  return targets;
}

function readTarget(id: string, about: JsonObject, findings: Findings): Target | undefined {
  const path = join('/targets', id);
  const kinds = targetKinds.filter((kind) => Object.hasOwn(about, kind));
  if (kinds.length === 0 && findings.isMisspelt(path, targetKinds)) return undefined;
  if (kinds.length !== 1) {
    const message =
      kinds.length === 0
        ? `the target "${id}" needs a kind`
        : `a target has one kind; "${id}" has ${kinds.join(' and ')}`;
    findings.value(path, 'kind', message, `kinds: ${targetKinds.join(', ')}`);
    return undefined;
  }
  const kind = kinds[0]!;
  const base = { id, path, needs: listAt(about, 'needs').filter((need): need is string => typeof need === 'string') };
  const settings = objectAt(about, kind);
  const pointer = join(path, kind);
  switch (kind) {
    case 'process': {
      const stop = objectAt(settings, 'stop');
      const restart = Object.hasOwn(settings, 'restart') ? objectAt(settings, 'restart') : undefined;
      const max = restart && numberAt(restart, 'max');
      const ready = readReadiness(settings, pointer, findings);
      return {
        ...base,
        kind,
        command: textsAt(settings, 'command'),
        env: textsByName(objectAt(settings, 'env')),
        stop: {
          signal: (textAt(stop, 'signal') ?? 'SIGTERM') as NodeJS.Signals,
          grace: durationAt(stop, 'grace', seconds(10)),
        },
        ...optional('cwd', textAt(settings, 'cwd')),
        ...optional('ready', ready),
        ...optional('isolate', readIsolation(settings, ready, pointer, findings)),
        ...(restart ? { restart: { delay: durationAt(restart, 'delay', seconds(1)), ...optional('max', max) } } : {}),
      };
    }
    case 'running': {
      const find = readFind(id, settings, pointer, findings);
      if (!find) return undefined;
      return {
        ...base,
        kind,
        find,
        ...optional('ready', readReadiness(settings, pointer, findings)),
        ...optional('restartCommand', readRestartCommand(settings, find)),
      };
    }
    case 'group':
      return undefined; // of others: read apart
    case 'host':
      return { ...base, kind, ...optional('namespace', textAt(settings, 'namespace')) };
    case 'network':
      return { ...base, kind, nodes: readNodes(objectAt(settings, 'nodes'), join(pointer, 'nodes'), findings) };
    case 'directory':
      return { ...base, kind, directory: textAt(about, 'directory') ?? '' };
    case 'proxy':
      for (const key of ['listen', 'upstream']) refuseBadEndpoint(settings, key, pointer, findings);
      return {
        ...base,
        kind,
        listen: textAt(settings, 'listen') ?? '',
        upstream: textAt(settings, 'upstream') ?? '',
        protocol: protocolOf(textAt(settings, 'protocol')),
        ...(settings.transparent === true ? readTransparent(settings, pointer, findings) : {}),
      };
  }
}

/** What is redirected goes to the loopback interface, from one numeric address. */
function readTransparent(settings: JsonObject, pointer: Pointer, findings: Findings): { transparent: true } {
  const [listen, upstream] = ['listen', 'upstream'].map((key) => parseAddress(textAt(settings, key) ?? '')?.host ?? '');
  if (upstream !== '' && isIP(upstream!) === 0)
    findings.value(
      join(pointer, 'upstream'),
      'upstream',
      `"${upstream}" is a name: what is redirected is told by its address`,
      'write it in numbers',
    );
  if (listen !== '' && !['127.0.0.1', '::1', '0.0.0.0', '::'].includes(listen!))
    findings.value(
      join(pointer, 'listen'),
      'listen',
      `what is redirected arrives at the loopback interface, not at ${listen}`,
      'listen on 127.0.0.1 or [::1]',
    );
  if (settings.protocol === 'udp')
    findings.value(
      join(pointer, 'transparent'),
      'transparent',
      'only connections are redirected, and "protocol: udp" has none',
      'lead programs to the link by their configuration',
    );
  return { transparent: true };
}

const protocolOf = (written: string | undefined): ProxyTarget['protocol'] =>
  isProtocolName(written) ? written : 'tcp';

function readFind(
  id: string,
  settings: JsonObject,
  pointer: Pointer,
  findings: Findings,
): RunningTarget['find'] | undefined {
  const ways = ['pid', 'pidFile', 'name', 'port', 'unit'].filter((way) => Object.hasOwn(settings, way));
  if (ways.length !== 1) {
    findings.value(
      pointer,
      'running',
      ways.length === 0
        ? `nothing says how to find "${id}"`
        : `"${id}" is to be found in ${ways.length} ways: ${ways.join(', ')}`,
      'give exactly one of pid, pidFile, name, port, unit',
    );
    return undefined;
  }
  if (Object.hasOwn(settings, 'user') && ways[0] !== 'unit')
    findings.value(
      join(pointer, 'user'),
      'user',
      `"user" is about a unit, and "${id}" is found by its ${ways[0]}`,
      'give its "unit", or leave "user" out',
    );
  switch (ways[0]) {
    case 'pid':
      return { pid: numberAt(settings, 'pid') ?? 0 };
    case 'port':
      return { port: numberAt(settings, 'port') ?? 0 };
    case 'pidFile':
      return { pidFile: textAt(settings, 'pidFile') ?? '' };
    case 'unit':
      return { unit: textAt(settings, 'unit') ?? '', user: settings.user === true };
    default:
      return { name: textAt(settings, 'name') ?? '', expect: numberAt(settings, 'expect') ?? 1 };
  }
}

/** What starts it again; systemd does that of its units when nothing else is said. */
function readRestartCommand(settings: JsonObject, find: RunningTarget['find']): Command | undefined {
  const restart = Object.hasOwn(settings, 'restart') ? objectAt(settings, 'restart') : undefined;
  if (!restart && !('unit' in find)) return undefined;
  return {
    argv: restart ? textsAt(restart, 'command') : startOf(find as Service),
    timeout: durationAt(restart ?? {}, 'timeout', seconds(30)),
  };
}

function readReadiness(settings: JsonObject, pointer: Pointer, findings: Findings): Readiness | undefined {
  if (!Object.hasOwn(settings, 'ready')) return undefined;
  const about = objectAt(settings, 'ready');
  const probe = readProbe(about, join(pointer, 'ready'), findings);
  return (
    probe && {
      probe,
      every: durationAt(about, 'every', milliseconds(100)),
      within: durationAt(about, 'within', seconds(30)),
    }
  );
}

/** The kernel keeps no longer path, and its end. @see man 7 unix */
const longestSocketPath = 107;

function refuseBadEndpoint(settings: JsonObject, key: string, pointer: Pointer, findings: Findings): void {
  const written = textAt(settings, key);
  const at = join(pointer, key);
  if (!written?.startsWith('unix:')) {
    refuseBadPort(written, at, findings);
    return;
  }
  const bytes = Buffer.byteLength(written.slice('unix:'.length));
  if (bytes > longestSocketPath)
    findings.value(at, 'socket', `the path of a Unix socket has at most ${longestSocketPath} bytes, this one ${bytes}`);
  if (settings.protocol === 'udp')
    findings.value(at, 'socket', 'datagrams go from port to port: "protocol: udp" needs an address', 'write host:port');
  if (settings.transparent === true)
    findings.value(
      at,
      'socket',
      'only connections to ports are redirected, not those to Unix sockets',
      'write host:port',
    );
}

function refuseBadPort(address: string | undefined, pointer: Pointer, findings: Findings): void {
  const port = Number(/:([0-9]{1,5})$/.exec(address ?? '')?.[1] ?? 1);
  if (port > 65535) findings.value(pointer, 'port', `there is no port ${port}`, 'ports go from 1 to 65535');
}

function refuseUnknownNeeds(targets: Target[], names: string[], findings: Findings): void {
  for (const { path, needs } of targets)
    for (const [index, need] of needs.entries())
      if (!names.includes(need))
        findings.value(
          join(join(path, 'needs'), index),
          'unknown-target',
          `there is no target "${need}"`,
          hintFor(need, names, 'targets'),
        );
}

/** Targets that wait for each other would wait for ever. Told once for each circle. */
function refuseCircles(targets: Target[], findings: Findings): void {
  const byId = new Map(targets.map((target) => [target.id, target]));
  const done = new Set<string>();
  for (const target of targets) {
    const path: string[] = [];
    const stack = [{ id: target.id, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      if (top.next === 0) path.push(top.id);
      const need = done.has(top.id) ? undefined : byId.get(top.id)?.needs[top.next];
      top.next += 1;
      if (need === undefined) {
        done.add(top.id);
        stack.pop();
        path.pop();
      } else if (path.includes(need)) {
        const circle = [...path.slice(path.indexOf(need)), need];
        findings.value(
          join(byId.get(need)!.path, 'needs'),
          'cycle',
          `these targets need each other: ${circle.join(' -> ')}`,
          'one of them has to start first',
        );
        for (const id of circle) done.add(id);
      } else if (byId.has(need)) stack.push({ id: need, next: 0 });
    }
  }
}

const optional = <K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: T });
