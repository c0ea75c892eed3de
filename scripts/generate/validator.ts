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
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strict: false,
    validateFormats: false,
    code: { source: true, esm: true },
  });
  const contents =
    (standaloneCode as unknown as { default: typeof standaloneCode }).default?.(ajv, ajv.compile(schema)) ??
    standaloneCode(ajv, ajv.compile(schema));
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
  return `// Generated from schema/scenario.schema.json.\n${outputFiles[0]!.text}`;
}
