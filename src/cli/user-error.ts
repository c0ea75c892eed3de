import type { UserError } from '../model/diagnostic.ts';
import { processIo } from './io.ts';

/** Shows what the caller got wrong, each mistake at its place. */
export async function showUserError(error: UserError): Promise<void> {
  const io = processIo('stderr');
  for (const { file, message } of error.diagnostics) io.stderr.write(`${file}  ${message}\n`);
}
