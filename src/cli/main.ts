import { UserError } from '../model/diagnostic.ts';
import { exitCodes } from '../model/exit-code.ts';
import { obey } from './command-line.ts';

/*
 * Whatever happens, this file decides what the shell is answered: what a command returns, 2 for what its caller got
 * wrong, 70 for what we did.
 */

for (const stream of [process.stdout, process.stderr]) stream.on('error', readerLeft);
process.on('uncaughtException', defect);
main().then(process.exit, defect);

async function main(): Promise<number> {
  try {
    return await obey(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { showUserError } = await import('./user-error.ts');
    await showUserError(error);
    return exitCodes.usage;
  }
}

/** `chaos … | head` closes our stdout. What a command does (and undoes) does not depend on who reads it. */
function readerLeft(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') defect(error);
}

/** The guardian undoes what a run leaves behind when it ends here. */
function defect(error: unknown): void {
  import('./defect.ts')
    .then(({ describeDefect }) => process.stderr.write(describeDefect(error)))
    .finally(() => process.exit(exitCodes.defect));
}
