import type { Report } from '../model/report.ts';

/** The report as a JSON document, its keys always in the same order; `schema/report.schema.json` describes it. */
export function reportAsJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
