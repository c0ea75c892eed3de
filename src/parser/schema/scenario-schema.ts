import { faults } from '../../injectors/registry.ts';
import type { Fault } from '../../model/fault.ts';
import type { JsonSchema } from '../../model/field.ts';
import { protections, recoveryFrom } from '../../model/scenario.ts';
import { probeKinds } from '../../probes/registry.ts';
import { percentiles } from '../measures.ts';
import { parameterTypes } from '../parameters.ts';
import { probeMembers, probeSchema } from './probe-schema.ts';
import { condition, stepSchema } from './step-schema.ts';
import { targetSchema } from './target-schema.ts';
import { duration, fieldsSchema, listOf, mapOf, orParameter, record, text, withShorthand } from './vocabulary.ts';

/** What ids look like: they stand in file names, reports and `${…}`. */
const idPattern = '^[A-Za-z0-9][A-Za-z0-9_.-]*$';

/** The JSON Schema of a scenario file, made of the descriptors: what editors complete, and what validation uses. */
export function scenarioSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A chaos scenario',
    ...record(
      'One game day: what is harmed, when, how it is measured, and what has to hold.',
      {
        version: { const: 1, description: 'The version of the format.', examples: [1] },
        name: text('What the game day shows, as a sentence.', 'Orders survive a database failure'),
        description: text(
          'What happens and why it matters.',
          'PostgreSQL dies without warning. Orders must keep their promises.',
        ),
        tags: listOf('Words to find it by.', text('A word.', 'database')),
        owner: text('Who answers for it.', 'team-orders'),
        parameters: mapOf(
          'Values that can be changed from outside, with `--set name=value`. Used as `${name}`.',
          parameterSchema(),
          idPattern,
        ),
        targets: mapOf(
          'What may be harmed or reached, by name. One key in each names its kind.',
          { $ref: '#/definitions/target' },
          idPattern,
        ),
        steadyState: listOf(
          'The steady-state hypothesis: probes that must hold before the first fault and again after the last.',
          { $ref: '#/definitions/steadyStateProbe' },
        ),
        baseline: duration('How long every probe must hold before the first fault; else nothing is injected.', {
          default: '3s',
        }),
        recovery: withShorthand(
          record('When the system counts as recovered after the timeline.', {
            within: duration('How long it has.', { default: '30s' }),
            until: condition('The steady state (the default), one of its probes, or a probe of its own has to hold.'),
          }),
          duration('How long the system has, after the timeline, to hold again.', { default: '30s' }),
        ),
        timeline: listOf(
          'What happens, one step after another unless a step says otherwise.',
          { $ref: '#/definitions/step' },
          1,
        ),
        objectives: listOf('Promises about what was measured over the run.', objectiveSchema()),
        control: orParameter({
          type: 'boolean',
          default: false,
          description:
            'Runs the same without its faults first, and sets both side by side. Where that does not pass, nothing is harmed.',
          examples: [true],
        }),
        safety: safetySchema(),
      },
      ['version', 'name', 'timeline'],
    ),
    definitions: {
      target: targetSchema(),
      step: stepSchema(),
      steadyStateProbe: probeSchema('steadyState'),
      checklistItem: checklistItemSchema(),
      probe: probeSchema('once'),
      ...Object.fromEntries(probeKinds.map((kind) => [`probe-${kind.kind}`, probeMembers(kind)])),
      ...Object.fromEntries(faults.map((fault) => [`fault-${fault.name}`, faultParameters(fault)])),
    },
  };
}

const faultParameters = ({ name, summary, parameters }: Fault): JsonSchema => ({
  ...fieldsSchema(parameters),
  description: `Parameters of ${name}: ${summary}`,
});

function parameterSchema(): JsonSchema {
  return record(
    'A parameter. Without a default it must be given.',
    {
      type: {
        enum: [...parameterTypes],
        description: 'What kind of value it is. A `port` may default to `auto`: a free one for each run.',
        examples: ['number'],
      },
      default: {
        type: ['string', 'number', 'boolean'],
        description: 'Its value when none is given.',
        examples: [10, 'auto', '5s'],
      },
      description: text('What it is for.', 'How many times slower every query becomes'),
      enum: {
        type: 'array',
        minItems: 1,
        items: { type: ['string', 'number', 'boolean'] },
        description: 'The only values it may have.',
        examples: [['fast', 'slow']],
      },
      minimum: { type: 'number', description: 'The least it may be.', examples: [1] },
      maximum: { type: 'number', description: 'The most it may be.', examples: [100] },
    },
    ['type'],
  );
}

const bound = (description: string, ...examples: string[]): JsonSchema => ({
  type: 'string',
  format: 'bound',
  description,
  examples,
});

const latencyBounds = (): Record<string, JsonSchema> =>
  Object.fromEntries(
    Object.entries(percentiles).map(([key, percentile]) => [
      key,
      bound(`The latency that ${percentile} % of a probe's samples keep.`, '< 250ms', '<= 1.5x baseline'),
    ]),
  );

function objectiveSchema(): JsonSchema {
  return record('A bound on what was measured over the run. One key names the measure.', {
    availability: bound('Share of good samples of a probe, after the baseline.', '>= 99.9%', '>= 0.99x baseline'),
    errorRate: bound('Share of bad samples of a probe, after the baseline.', '< 0.1%'),
    uptime: bound('Share of the time in which a probe was not in an outage.', '>= 99%'),
    recoveryTime: bound('From the start of an injection until every probe was healthy again.', '< 30s'),
    detectionTime: bound('From the start of an injection until a probe failed.', '< 5s'),
    meanTimeToRecover: bound('The mean of the recovery times of all injections after which something failed.', '< 5m'),
    recoveryRate: bound('Share of the outages that ended.', '100%'),
    consistency: bound('Share of the acknowledged writes of a ledger that were kept, once.', '100%'),
    ...latencyBounds(),
    of: text(
      'The id of the probe, or for `recoveryTime` and `detectionTime` of the step that injects.',
      'orders-answer',
    ),
    during: text(
      'Of a probe: only in the time of this step (of an injection: while it is in force), or of the phase `baseline` or `recovery`.',
      'slow',
    ),
    from: {
      type: 'string',
      enum: [...recoveryFrom],
      default: 'start',
      description: 'Of a recovery time: from the start of the injection, from its end, or from the first failure.',
      examples: ['end'],
    },
  });
}

function checklistItemSchema(): JsonSchema {
  const { properties, allOf, ...probe } = probeSchema('once');
  const ofPerson = {
    id: { ...text('Its name in reports and for `--confirm`; made up when left out.', 'on-call'), pattern: idPattern },
    description: text('What has to be so, as a sentence.', 'There is a backup of today'),
    confirm: text(
      'Asks a person, who says yes at the terminal, or with `--confirm ID`.',
      'Does the on-call engineer know?',
    ),
    within: duration('How long a person may take.', { default: '10m' }),
  };
  return {
    ...probe,
    description: 'Something that has to be so: seen by a probe, or confirmed by a person.',
    properties: { ...ofPerson, ...(properties as Record<string, JsonSchema>) },
    allOf: [
      ...(allOf as JsonSchema[]),
      { if: { required: ['confirm'] }, then: { propertyNames: { enum: Object.keys(ofPerson) } } },
    ],
  };
}

function safetySchema(): JsonSchema {
  return record('Limits that hold whatever the timeline says.', {
    blastRadius: record('How much may be harmed.', {
      concurrentFaults: {
        type: 'integer',
        minimum: 1,
        description: 'How many faults may be in force at once.',
        examples: [1],
      },
      duration: duration('How long in all the system may be under fault.', { examples: ['2m'] }),
      targets: { type: 'integer', minimum: 1, description: 'How many different targets may be harmed.', examples: [1] },
      share: orParameter({
        type: 'string',
        pattern: '^(?:100|[1-9]?[0-9])(?:\\.[0-9]+)?%$',
        description: 'The share of a group that may be under fault at once.',
        examples: ['50%'],
      }),
    }),
    abortWhen: listOf(
      'What ends the run at once: everything is undone.',
      record(
        'A probe, and one condition: it fails too long, or a figure of its last samples is what it must not be.',
        {
          probe: text('The id of a probe of the steady state.', 'orders-answer'),
          failingFor: duration('For how long without a good sample.', { examples: ['45s'] }),
          errorRate: bound('Share of bad samples.', '> 50%'),
          availability: bound('Share of good samples.', '< 90%'),
          ...latencyBounds(),
          over: duration('Over how long a figure is taken: it is judged once so much has been sampled.', {
            default: '10s',
          }),
        },
        ['probe'],
      ),
    ),
    environment: {
      type: ['string', 'array'],
      items: text('A name of an environment.', 'staging'),
      minLength: 1,
      minItems: 1,
      description:
        'Where it may run: what `CHAOS_ENVIRONMENT`, or `--environment`, may say, one name or a list. Nothing runs in `production` without `--environment production`.',
      examples: ['staging', ['dev', 'staging']],
    },
    checklist: listOf('What has to be so before the first fault.', { $ref: '#/definitions/checklistItem' }),
    maxDuration: duration('How long the whole run may take.', { examples: ['10m'] }),
    allow: listOf('What is protected, and may be harmed all the same.', {
      type: 'string',
      enum: [...protections],
      description:
        '`init`: the first process of the system. `kernel-threads`. `own-ancestors`: the shell, terminal or CI job that the run was started from. `sshd`. `default-route`: the interface by which this machine is connected. `ssh-session`: the one that the run was started in. `probes`: the way of the probes to what they ask. `root-filesystem`: its last gibibyte. `journal-disk`: where undos are written down.',
      examples: ['sshd'],
    }),
  });
}
