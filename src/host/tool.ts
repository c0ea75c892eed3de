import { execFile } from 'node:child_process';
import { administratorsPath } from './namespace.ts';

/** Runs a tool for administrators and waits for its answer. @returns also what did not succeed: `code` is not 0 then */
export function askTool([program, ...argv]: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const options = { timeout: 10_000, env: { ...process.env, PATH: administratorsPath() } };
  return new Promise((resolve) =>
    execFile(program!, argv, options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? -1) || -1 : 0, stdout, stderr: stderr || (error?.message ?? '') }),
    ),
  );
}
