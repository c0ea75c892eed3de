import { runCommand } from '../../../src/host/run-command.ts';
import { seconds } from '../../../src/model/duration.ts';
import { objectSchema } from '../../../src/model/field.ts';
import type { JsonObject, JsonValue } from '../../../src/model/json.ts';
import type { Answer, ProbeSession } from '../../../src/model/probe.ts';
import { probeKindNamed } from '../../../src/probes/registry.ts';

export const run = 'run-1';

/** Opens a probe as the sampler would, with the defaults that the parser would fill in. */
export function open(kind: string, settings: JsonObject, expect: JsonObject = {}): Promise<ProbeSession> {
  const described = probeKindNamed(kind)!;
  return described.open(
    withDefaults(objectSchema(described.settings), settings) as never,
    withDefaults(objectSchema(described.expect), expect) as never,
    {
      run,
      timeout: seconds(5),
      now: () => performance.now(),
      runCommand: (command, signal) => runCommand(command, { run, signal }),
    },
  );
}

/** One sample of a probe that is opened for it alone. */
export async function ask(
  kind: string,
  settings: JsonObject,
  expect: JsonObject = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Answer> {
  const session = await open(kind, settings, expect);
  try {
    return await session.sample(signal);
  } finally {
    await session.close();
  }
}

function withDefaults(schema: JsonObject, value: JsonObject): JsonObject {
  const given = { ...value };
  for (const [key, property] of Object.entries(schema.properties as Record<string, JsonObject>)) {
    if (given[key] === undefined && property.default !== undefined) given[key] = property.default as JsonValue;
    if (given[key] !== undefined && property.properties) given[key] = withDefaults(property, given[key] as JsonObject);
  }
  return given;
}
