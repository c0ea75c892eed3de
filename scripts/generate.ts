/*
 * Writes what is made of the descriptors and types: the schemas in `schema/`, the reference pages in `docs/reference/`
 * (both checked in), and what is not checked in: the precompiled validators in `src/parser/generated/`, and the page of the
 * HTML report in `src/reporters/html/generated/`.
 *   --build  writes only what is not checked in
 *   --check  writes nothing, and exits with 1 when something checked in is stale
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { proxyConfigSchema } from '../src/parser/proxy-config/schema.ts';
import { scenarioSchema } from '../src/parser/schema/scenario-schema.ts';
import { modelSchemas } from './generate/model-schemas.ts';
import { pageModule, pageTypes } from './generate/page.ts';
import { referencePages } from './generate/reference.ts';
import { validatorModule } from './generate/validator.ts';

const schemas = { scenario: scenarioSchema(), proxy: proxyConfigSchema() };
const [mode] = process.argv.slice(2);
if (mode !== '--check') {
  for (const [name, schema] of Object.entries(schemas)) {
    write(`src/parser/generated/validate-${name}.js`, await validatorModule(schema));
    write(
      `src/parser/generated/validate-${name}.d.ts`,
      'export declare const validate: ((value: unknown) => boolean) & { errors?: object[] | null };\n',
    );
  }
  write('src/reporters/html/generated/page.js', await pageModule());
  write('src/reporters/html/generated/page.d.ts', pageTypes);
}
if (mode !== '--build') {
  const published = new Map<string, string>();
  for (const [name, schema] of Object.entries(schemas))
    published.set(`schema/${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`);
  for (const [name, text] of modelSchemas()) published.set(join('schema', name), text);
  for (const [name, text] of referencePages()) published.set(join('docs', 'reference', name), text);
  for (const [file, text] of published) {
    if (mode !== '--check') write(file, text);
    else if (read(file) !== text) {
      console.error(`${file} is stale: npm run generate`);
      process.exitCode = 1;
    }
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  if (read(file) !== text) writeFileSync(file, text);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
