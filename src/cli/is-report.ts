import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { Report } from '../model/report.ts';
import { packageRoot } from './entries.ts';

/** Whether a value is a `report.json` as its published schema describes it. */
export const isReport = new Ajv({ strict: false, validateFormats: false }).compile<Report>(
  JSON.parse(readFileSync(join(packageRoot(), 'schema', 'report.schema.json'), 'utf8')),
);
