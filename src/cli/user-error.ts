import type { UserError } from '../model/diagnostic.ts';
import { processIo } from './io.ts';

/** Shows what the caller got wrong, each mistake at its place. */
export async function showUserError(error: UserError): Promise<void> {
  const io = processIo('stderr');
  io.stderr.write(`${error.message}\n`);
}
