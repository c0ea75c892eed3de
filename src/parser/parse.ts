import type { Diagnostic } from '../model/diagnostic.ts';
import type { Scenario } from '../model/scenario.ts';
import { checkSchema } from './check-schema.ts';
import { isObject, readParameters } from './parameters.ts';
import { scenarioKind } from './scenario/kind.ts';
import { readScenario } from './scenario/read-scenario.ts';
import { type Environment, substitute } from './substitute.ts';
import { readTree } from './yaml/tree.ts';

/** What a scenario file says. */
export interface Parsed {
  /** Absent when something is wrong. With `missing` or `automaticPorts` it is complete but for those values. */
  scenario?: Scenario;
  /** Every mistake, in the order of the file. */
  diagnostics: Diagnostic[];
  /** Parameters whose value is to be a free port; give them with `set` to run. */
  automaticPorts: string[];
  /** Parameters that have no value. */
  missing: string[];
}

/**
 * Reads the text of a scenario. Never throws for what stands in it.
 * @param options.set values of parameters by their names, as given on the command line
 * @param options.environment what `${env.NAME}` stands for; without it those have no value yet
 */
export function parseScenario(
  text: string,
  options: { file: string; set?: Record<string, string>; environment?: Environment },
): Parsed {
  const { value, places, findings } = readTree(text, options.file);
  const refused = (): Parsed => ({ diagnostics: findings.diagnostics(), automaticPorts: [], missing: [] });
  if (value === undefined || (!findings.isEmpty && !isObject(value))) return refused();
  if (!isObject(value)) {
    findings.at(
      { line: 1, column: 1, length: 1 },
      'wrong-type',
      'a scenario is made of keys and values',
      'it begins with "version: 1"',
    );
    return refused();
  }
  const parameters = readParameters(value.parameters, options.set ?? {}, findings);
  const substituted = substitute(value, parameters, findings, options.environment);
  checkSchema(substituted.value, scenarioKind, substituted.unknown, findings);
  const known = [...parameters.values].flatMap(([name, one]) => (one === undefined ? [] : [[name, one] as const]));
  const scenario = readScenario(
    isObject(substituted.value) ? substituted.value : {},
    Object.fromEntries(known),
    places,
    findings,
  );
  const { automaticPorts, missing } = parameters;
  return { ...(findings.isEmpty ? { scenario } : {}), diagnostics: findings.diagnostics(), automaticPorts, missing };
}
