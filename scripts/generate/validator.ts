import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import type { JsonSchema } from '../../src/model/field.ts';

/**
 * The schema as code, so that no start of ours compiles it: that would cost more than everything else. Ajv's own ES
 * module still calls `require`, hence the bundler.
 * @returns an ES module that exports `validate`
 */
export async function validatorModule(schema: JsonSchema): Promise<string> {
  const asserted = withoutAnnotations(schema);
  const ajv = new Ajv({
    allErrors: true,
    messages: false,
    inlineRefs: false,
    strict: false,
    validateFormats: false,
    code: { source: true, esm: true },
  });
  const validate = ajv.compile(asserted);
  placeInRoot(validate as unknown as Compiled, asserted.definitions as Record<string, object>);
  const contents = (standaloneCode as unknown as { default: typeof standaloneCode }).default(ajv, validate);
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
    minify: true,
    logLevel: 'warning',
  });
  return `// Generated from a schema of src/parser.\n${outputFiles[0]!.text}`;
}

/** What only people and editors read would make the code that every start loads three times as large. */
function withoutAnnotations(schema: JsonSchema): JsonSchema {
  const annotations = new Set([
    'title',
    'description',
    'markdownDescription',
    'examples',
    'default',
    'defaultSnippets',
  ]);
  const clean = (value: unknown, areNames: boolean): unknown => {
    if (Array.isArray(value)) return value.map((item) => clean(item, false));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => areNames || !annotations.has(key))
        .map(([key, member]) => [key, clean(member, !areNames && (key === 'properties' || key === 'definitions'))]),
    );
  };
  return clean(schema, false) as JsonSchema;
}

/** A function that ajv made of one definition, and the functions that it calls. */
interface Compiled {
  schema: object;
  source: {
    validateCode: string;
    scopeValues: Record<string, Set<{ value: { ref: Compiled | { validate: Compiled } } }>>;
  };
}

/** What ajv makes of a definition tells paths from that definition on; here they are told from the root. */
function placeInRoot(validate: Compiled, definitions: Record<string, object>, seen = new Set<Compiled>()): void {
  if (seen.has(validate)) return;
  seen.add(validate);
  const name = Object.keys(definitions).find((one) => definitions[one] === validate.schema);
  const { source } = validate;
  if (name !== undefined)
    source.validateCode = source.validateCode.replaceAll('schemaPath:"#/', `schemaPath:"#/definitions/${name}/`);
  const { validate: called = [], wrapper = [] } = source.scopeValues;
  for (const { value } of [...called, ...wrapper])
    placeInRoot('validate' in value.ref ? value.ref.validate : value.ref, definitions, seen);
}
