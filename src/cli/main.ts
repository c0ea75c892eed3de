import { nameProcess } from '../host/name-process.ts';
import { UserError } from '../model/diagnostic.ts';
import { exitCodes } from '../model/exit-code.ts';
import { obey } from './command-line.ts';
import { outputTo } from './output.ts';

/*
 * Whatever happens, this file decides what the shell is answered: what a command returns, 2 for what its caller got
 * wrong, 70 for what we did.
 */

nameProcess('chaos');
process.on('uncaughtException', defect);
// Node ends with 0 when nothing is left to wait for. A command that has not answered by then never will.
process.on('beforeExit', () => defect(new Error('the command came to no end')));
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

/** The guardian undoes what a run leaves behind when it ends here. */
function defect(error: unknown): void {
  import('./defect.ts')
    .then(({ describeDefect }) => outputTo(2).write(describeDefect(error)))
    .finally(() => process.exit(exitCodes.defect));
}
