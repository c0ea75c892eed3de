import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot as findPackageRoot } from '../../src/cli/entries.ts';

export const packageRoot = findPackageRoot();
/** The built command line. */
export const chaosBin = join(packageRoot, 'bin', 'chaos.cjs');

export interface Answer {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Calls the built `chaos` as a shell would, without a terminal. `env` replaces what decides on colour and width, too. */
export async function chaos(
  argv: string[],
  options: { cwd?: string; env?: Record<string, string>; bin?: string } = {},
): Promise<Answer> {
  const child = spawn(process.execPath, [options.bin ?? chaosBin, ...argv], {
    cwd: options.cwd,
    env: { ...plainEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      output[stream] += chunk;
    });
  const exitCode = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  return { exitCode, ...output };
}

function plainEnvironment(): NodeJS.ProcessEnv {
  const { NO_COLOR: _1, FORCE_COLOR: _2, CI: _3, COLUMNS: _4, ...rest } = process.env;
  const { GITHUB_ACTIONS: _5, GITHUB_STEP_SUMMARY: _6, ...plain } = rest;
  return plain;
}
