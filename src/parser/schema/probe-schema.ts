import type { JsonSchema } from '../../model/field.ts';
import type { ProbeKind } from '../../model/probe.ts';
import { verifiedAs } from '../../model/workload.ts';
import { probeKinds } from '../../probes/registry.ts';
import { duration, fieldsSchema, orParameter, text, withShorthand } from './vocabulary.ts';

/** What stands under the key of a probe kind: its settings, or the bare value of the most important one. */
export function probeMembers(kind: ProbeKind): JsonSchema {
  const schema = { ...fieldsSchema(kind.settings), description: kind.summary };
  return kind.shorthand ? withShorthand(schema, orParameter(kind.settings[kind.shorthand]!.schema)) : schema;
}

const timing: Record<string, JsonSchema> = {
  timeout: duration('How long an answer may take; later is bad.', { default: '1s' }),
};

/** A probe: one key names its kind. `once`: asked where a step needs it, not on a schedule. */
export function probeSchema(use: 'steadyState' | 'once' | 'ready'): JsonSchema {
  const kinds = probeKinds.filter(({ kind }) => use === 'steadyState' || !verifiedAs(kind));
  const schedule: Record<string, JsonSchema> = {
    id: {
      ...text('Its name in reports and steps; made up from the kind when left out.', 'orders-answer'),
      pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$',
    },
    every: duration('The fixed rate at which it is sampled, whatever the answers do.', {
      default: '1s',
      examples: ['50ms', '1s'],
    }),
    successThreshold: {
      type: 'integer',
      minimum: 1,
      default: 3,
      description: 'So many good samples in a row mean healthy again.',
      examples: [3],
    },
  };
  const patience: Record<string, JsonSchema> = {
    within: duration('How long it may take to become ready.', { default: '30s' }),
    every: duration('How often it is asked.', { default: '100ms' }),
  };
  return {
    type: 'object',
    description:
      use === 'ready'
        ? 'When the target is ready: a probe, and how long it may take.'
        : 'A probe. One key names its kind.',
    properties: {
      ...Object.fromEntries(kinds.map(({ kind }) => [kind, { $ref: `#/definitions/probe-${kind}` }])),
      expect: { type: 'object', description: 'What is expected of the answer.', examples: [{ status: 200 }] },
      ...timing,
      ...(use === 'steadyState' ? schedule : {}),
      ...(use === 'ready' ? patience : {}),
    },
    additionalProperties: false,
    allOf: kinds.map(({ kind, expect }) => ({
      if: { required: [kind] },
      then: { properties: { expect: { ...fieldsSchema(expect), description: `What a ${kind} probe may expect.` } } },
    })),
  };
}
