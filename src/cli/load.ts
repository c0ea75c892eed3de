import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { lackOf } from '../host/needs.ts';
import { type Diagnostic, UserError } from '../model/diagnostic.ts';
import type { Places } from '../model/place.ts';
import type { Plan } from '../model/plan.ts';
import { parseScenario } from '../parser/parse.ts';
import { readSource } from '../parser/read.ts';
import { compilePlan } from '../planner/compile.ts';
import type { Settings } from './options.ts';

/** A scenario that is ready to be shown or run. `sources` is the text of each file, for diagnostics. */
export interface Loaded {
  plan: Plan;
  places: Places;
  warnings: Diagnostic[];
  sources: Map<string, string>;
}

/**
 * Reads, parses and compiles a scenario. Ports that are left to us are free when this returns.
 * @throws UserError with every mistake found; nothing was touched
 */
export async function loadPlan(file: string, { set, seed }: { set: Settings; seed: number }): Promise<Loaded> {
  const text = readSource(file);
  const sources = new Map([[file, text]]);
  const refuse = (diagnostics: Diagnostic[]): never => {
    throw new UserError(diagnostics, sources);
  };

  const first = parseScenario(text, { file, set, environment: process.env });
  const missing = first.missing.map((name) => missingParameter(file, name));
  if (hasError(first.diagnostics) || missing.length > 0) refuse([...first.diagnostics, ...missing]);
  const ports = await freePorts(first.automaticPorts);
  const isComplete = first.automaticPorts.length === 0;
  const { scenario, diagnostics } = isComplete
    ? first
    : parseScenario(text, { file, set: withPorts(set, ports), environment: process.env });
  if (!scenario || hasError(diagnostics)) return refuse(diagnostics);

  const compiled = compilePlan(scenario, { seed, isHere: (need) => lackOf(need) === undefined });
  const all = [...diagnostics, ...compiled.diagnostics];
  if (!compiled.plan) return refuse(all);
  return { plan: compiled.plan, places: scenario.places, warnings: all, sources };
}

const hasError = (diagnostics: Diagnostic[]): boolean => diagnostics.some(({ severity }) => severity === 'error');

const missingParameter = (file: string, name: string): Diagnostic => ({
  severity: 'error',
  code: 'missing-parameter',
  message: `parameter "${name}" needs a value: --set ${name}=...`,
  file,
});

const withPorts = (set: Settings, ports: Settings): Settings => Object.assign(Object.create(null), set, ports);

/** A free loopback port for each name. All are held until the last is found, so that no two are the same. */
async function freePorts(names: string[]): Promise<Settings> {
  const servers = await Promise.all(names.map(listenAnywhere));
  const ports: Settings = Object.create(null);
  for (const [position, name] of names.entries()) {
    const address = servers[position]!.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    ports[name] = String(address.port);
  }
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/** On a port that the kernel gives nobody by itself, so that nobody else is given it before it is used. */
async function listenAnywhere(): Promise<ReturnType<typeof createServer>> {
  const { low, count } = portsByHand();
  for (let left = mostTries; left > 0 && count >= fewestPorts; left -= 1) {
    const server = await listenOn(low + randomInt(count)).catch(() => undefined);
    if (server) return server;
  }
  return await listenOn(0);
}

const mostTries = 20;
const fewestPorts = 1000;
/** Lower ones are better known. */
const lowestPort = 10_240;

/** Below those that the kernel gives to whoever asks for any. @see man 7 ip, ip_local_port_range */
function portsByHand(): { low: number; count: number } {
  let given = 32_768;
  try {
    given = Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10);
  } catch {
    // Another kernel: its range begins higher.
  }
  return { low: lowestPort, count: Math.max(0, given - lowestPort) };
}

function listenOn(port: number): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}
