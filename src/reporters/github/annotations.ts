import { relative, resolve } from 'node:path';
import type { Report } from '../../model/report.ts';
import { githubAnnotation } from '../../parser/diagnostics/github.ts';
import { casesOf } from '../cases/cases.ts';

/** GitHub shows ten of a step. */
const most = 10;

/**
 * Workflow commands that put what is not green beside its line of the scenario.
 * @param workspace where the repository is checked out: GitHub names its files from there
 */
export function annotationsOf(report: Report, workspace: string | undefined): string[] {
  const file = fileIn(workspace, report.scenario.file);
  return casesOf(report)
    .flatMap(({ name, place, result }) =>
      result.is === 'failure' || result.is === 'error' ? [{ name, place, result }] : [],
    )
    .sort((a, b) => Number(a.result.is === 'error') - Number(b.result.is === 'error'))
    .slice(0, most)
    .map(({ name, place, result }) =>
      githubAnnotation({
        severity: 'error',
        code: result.kind,
        file,
        message: `${name}: ${result.message}`,
        ...(place ? { place } : {}),
      }),
    );
}

function fileIn(workspace: string | undefined, file: string): string {
  if (workspace === undefined) return file;
  const inside = relative(workspace, resolve(file));
  return inside.startsWith('..') ? file : inside;
}
