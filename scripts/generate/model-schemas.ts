import { join, resolve } from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';

/** What we write and publish a schema of, and the type in `src/model/` that it comes from. */
const published = [
  { file: 'report.schema.json', type: 'Report', title: 'report.json of a chaos run' },
  { file: 'event.schema.json', type: 'RunEvent', title: 'One line of events.ndjson of a chaos run' },
  { file: 'plan.schema.json', type: 'Plan', title: 'A chaos plan: a scenario compiled' },
];

/**
 * JSON Schemas (draft 7) of what we write, made of the types that the code itself is checked against; their docstrings
 * are the descriptions.
 * @returns the text of each file, by its name in `schema/`
 */
export function modelSchemas(): Map<string, string> {
  const root = resolve('.');
  const generator = createGenerator({
    path: join(root, 'src', 'model', '*.ts'),
    tsconfig: join(root, 'tsconfig.json'),
    // tsc has done that, and another version of it works in here.
    skipTypeCheck: true,
    topRef: false,
    additionalProperties: false,
  });
  return new Map(
    published.map(({ file, type, title }) => {
      const { $schema, ...schema } = generator.createSchema(type);
      return [file, `${JSON.stringify({ $schema, title, ...schema }, null, 2)}\n`];
    }),
  );
}
