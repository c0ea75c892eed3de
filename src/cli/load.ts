import { freePorts } from '../host/free-ports.ts';
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
  const { automaticPorts } = first;
  const ports = await freePorts(automaticPorts.length);
  const isComplete = automaticPorts.length === 0;
  const { scenario, diagnostics } = isComplete
    ? first
    : parseScenario(text, { file, set: withPorts(set, automaticPorts, ports), environment: process.env });
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

const withPorts = (set: Settings, names: string[], ports: number[]): Settings =>
  Object.assign(Object.create(null), set, Object.fromEntries(names.map((name, place) => [name, String(ports[place])])));
