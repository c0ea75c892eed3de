import { appendFile } from 'node:fs/promises';
import type { Output } from '../../model/output.ts';
import type { Report } from '../../model/report.ts';
import { reportAsMarkdown } from '../markdown/write.ts';
import { annotationsOf } from './annotations.ts';

type Environment = Record<string, string | undefined>;

/**
 * On GitHub Actions: the report on the page of the job, and what is not green beside its line.
 * @returns what could not be written
 */
export async function tellGithub(
  report: Report,
  stdout: Output,
  environment: Environment = process.env,
): Promise<{ file: string; message: string }[]> {
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY, GITHUB_WORKSPACE } = environment;
  if (GITHUB_ACTIONS === 'true')
    for (const line of annotationsOf(report, GITHUB_WORKSPACE || undefined)) stdout.write(`${line}\n`);
  if (!GITHUB_STEP_SUMMARY) return [];
  try {
    // Other steps of the job write into it as well.
    await appendFile(GITHUB_STEP_SUMMARY, `${reportAsMarkdown(report)}\n`);
    return [];
  } catch (error) {
    return [{ file: GITHUB_STEP_SUMMARY, message: (error as Error).message }];
  }
}
