import type { JsonSchema } from '../../model/field.ts';
import { type ToxicType, toxicTypes } from '../../proxy/toxiproxy/toxic-types.ts';
import { listOf, record, text } from '../schema/vocabulary.ts';

const port = '[0-9]{1,5}$';
const address = (description: string, pattern: string, example: string): JsonSchema => ({
  type: 'string',
  format: 'address',
  pattern,
  description,
  examples: [example],
});

/** The JSON Schema of what `chaos proxy --config` takes. A list of proxies alone, as Toxiproxy has it, is good too. */
export function proxyConfigSchema(): JsonSchema {
  const types = [...toxicTypes.values()];
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Proxies of chaos proxy',
    ...record(
      'Proxies that are there from the beginning.',
      { proxies: listOf('The proxies.', { $ref: '#/definitions/proxy' }) },
      ['proxies'],
    ),
    definitions: {
      proxy: proxySchema(),
      toxic: toxicSchema(types),
      ...Object.fromEntries(types.map((type) => [`toxic-${type.type}`, attributesSchema(type)])),
    },
  };
}

function proxySchema(): JsonSchema {
  return record(
    'A port that is carried to another.',
    {
      name: text('What it is called by.', 'db'),
      listen: address(
        'Where it listens. Without a host it is this machine only; port 0, or nothing, is a free one.',
        `^(?:\\[[0-9a-fA-F:.%a-z]+\\]|[^\\s:\\[\\]]*):${port}`,
        '127.0.0.1:7432',
      ),
      upstream: address(
        'Where its connections lead.',
        `^(?:\\[[0-9a-fA-F:.%a-z]+\\]|[^\\s:\\[\\]]+):${port}`,
        '127.0.0.1:5432',
      ),
      enabled: {
        type: 'boolean',
        default: true,
        description: 'Whether it listens from the beginning.',
        examples: [false],
      },
      toxics: listOf('What is wrong with it, in the order in which bytes pass.', { $ref: '#/definitions/toxic' }),
    },
    ['name', 'upstream'],
  );
}

function toxicSchema(types: readonly ToxicType[]): JsonSchema {
  return {
    ...record(
      'A toxic: what happens to the bytes of one direction.',
      {
        name: text('What it is called by; TYPE_STREAM when left out.', 'slow'),
        type: {
          type: 'string',
          enum: types.map(({ type }) => type),
          description: 'What it does.',
          examples: ['latency'],
        },
        stream: {
          type: 'string',
          enum: ['upstream', 'downstream'],
          default: 'downstream',
          description: 'To the server or to the client.',
          examples: ['upstream'],
        },
        toxicity: {
          type: 'number',
          minimum: 0,
          maximum: 1,
          default: 1,
          description: 'The share of connections that it works on.',
          examples: [0.5],
        },
        attributes: { type: 'object', description: 'How it does it.', examples: [{ latency: 500 }] },
      },
      ['type'],
    ),
    allOf: types.map(({ type }) => ({
      if: { properties: { type: { const: type } }, required: ['type'] },
      then: { properties: { attributes: { $ref: `#/definitions/toxic-${type}` } } },
    })),
  };
}

const attributesSchema = ({ summary, attributes }: ToxicType): JsonSchema =>
  record(
    summary,
    Object.fromEntries(
      Object.entries(attributes).map(([name, { description }]) => [
        name,
        { type: 'integer', minimum: 0, default: 0, description, examples: [100] },
      ]),
    ),
  );
