import { faults } from '../../injectors/registry.ts';
import type { JsonSchema } from '../../model/field.ts';
import type { stepKinds } from './kinds.ts';
import { duration, listOf, record, text, withShorthand } from './vocabulary.ts';

const everyStep = ['id', 'description', 'at', 'after'];

/** What each kind of step takes beside what every step takes. */
const stepKeys: Record<(typeof stepKinds)[number], string[]> = {
  inject: [...everyStep, 'inject', 'target', 'with', 'for'],
  await: [...everyStep, 'await', 'within'],
  assert: [...everyStep, 'assert', 'for', 'within'],
  run: [...everyStep, 'run', 'within'],
  pause: [...everyStep, 'pause'],
  approve: [...everyStep, 'approve', 'within'],
  parallel: [...everyStep, 'parallel'],
  sequence: [...everyStep, 'sequence'],
};

/** A step: one key names its kind. */
export function stepSchema(): JsonSchema {
  return {
    ...record('A step of the timeline. One key names what it does.', {
      id: {
        ...text('Its name in reports and in `after`; made up when left out.', 'crash'),
        pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$',
      },
      description: text('What it is for.', 'The primary dies at the worst moment'),
      at: duration('Starts it so long after the timeline began, whatever stands before it.', { examples: ['30s'] }),
      after: afterSchema(),
      inject: {
        type: 'string',
        enum: faults.map(({ name }) => name),
        description: 'The fault to inject. `chaos faults` lists them.',
        examples: ['process-kill'],
      },
      target: text('What is harmed: the name of a target.', 'postgres'),
      with: { type: 'object', description: 'Parameters of the fault.', examples: [{ factor: 10 }] },
      for: duration(
        'How long an injection is held, or an assertion must hold. Without it an injection is held until its group, or the timeline, ends.',
      ),
      await: condition('Waits until the steady state, one of its probes, or a probe of its own holds.'),
      assert: condition(
        'The steady state, one of its probes, or a probe of its own must hold now and, with `for`, throughout.',
      ),
      within: duration('How long it may take: by default 30s for await, 5s for assert, 60s for run, 10m for approve.', {
        examples: ['30s'],
      }),
      run: runSchema(),
      pause: duration('Lets time pass.'),
      approve: text(
        'Waits until a person has said yes to this question, at the terminal or with `chaos approve`. A no, or silence, ends the run: everything is undone.',
        'Replication has caught up. May the primary die?',
      ),
      parallel: listOf(
        'Steps that start together; the group ends when all have ended.',
        { $ref: '#/definitions/step' },
        1,
      ),
      sequence: listOf('Steps that run one after another.', { $ref: '#/definitions/step' }, 1),
    }),
    allOf: [
      ...Object.entries(stepKeys).map(([kind, keys]) => ({
        if: { required: [kind] },
        then: { propertyNames: { enum: keys } },
      })),
      ...faults.map(({ name }) => ({
        if: { properties: { inject: { const: name } }, required: ['inject'] },
        then: { properties: { with: { $ref: `#/definitions/fault-${name}` } } },
      })),
    ],
  };
}

function afterSchema(): JsonSchema {
  const moment = record(
    'A moment of another step.',
    {
      step: text('The id of a step.', 'slow'),
      event: {
        type: 'string',
        enum: ['started', 'ended'],
        description: 'Which moment: for an injection `started` is when it is in force, `ended` when it is undone.',
        examples: ['started'],
      },
      delay: duration('How long after it.', { default: '0s' }),
    },
    ['step'],
  );
  const steps = {
    type: ['string', 'array'],
    items: text('The id of a step.', 'slow'),
    minItems: 1,
    description:
      'Starts it when these have ended, instead of after the step before it: an id, a list of ids, or a moment in full.',
    examples: ['slow', ['slow', 'crash'], { step: 'slow', event: 'started', delay: '2s' }],
  };
  const { type, ...members } = moment;
  return { ...members, ...steps, type: [...(steps.type as string[]), type as string] };
}

export const condition = (description: string): JsonSchema => ({
  description: `${description} Of a list, all.`,
  examples: ['steady-state', 'orders-answer', ['orders-answer', { tcp: '127.0.0.1:5432' }]],
  if: { type: 'array' },
  then: { type: 'array', minItems: 1, items: singleCondition },
  else: singleCondition,
});

const singleCondition: JsonSchema = {
  if: { type: 'object' },
  then: { $ref: '#/definitions/probe' },
  else: { type: 'string' },
};

function runSchema(): JsonSchema {
  const command: JsonSchema = {
    type: 'array',
    minItems: 1,
    items: { type: ['string', 'number'] },
    description: 'The program and its arguments; no shell is involved.',
    examples: [['npm', 'run', 'smoke']],
  };
  return withShorthand(
    record(
      'Runs a program of yours; it must exit with 0.',
      {
        command,
        cwd: text('Working directory; by default the one `chaos` was called in.', 'tools'),
        env: {
          type: 'object',
          additionalProperties: { type: ['string', 'number', 'boolean'] },
          description: 'Added to the environment that `chaos` was called with.',
          examples: [{ LEVEL: 'debug' }],
        },
        expect: record('What is expected of it.', {
          exitCode: {
            type: 'integer',
            minimum: 0,
            maximum: 255,
            default: 0,
            description: 'The exit code that is good.',
            examples: [0],
          },
          stdout: text('A text that must stand in its output.', 'ok'),
        }),
        timeout: duration('How long it may take; then it is ended with all it started.', { default: '60s' }),
      },
      ['command'],
    ),
    command,
  );
}
