import type { UserError } from '../model/diagnostic.ts';
import { renderDiagnostics } from '../parser/diagnostics/render.ts';
import { paintDiagnostics } from './diagnostics.ts';
import { processIo } from './io.ts';

/** Shows what the caller got wrong, each mistake at its place. */
export async function showUserError({ diagnostics, sources }: UserError): Promise<void> {
  const io = processIo('stderr');
  io.stderr.write(renderDiagnostics(diagnostics, sources, paintDiagnostics(io.color)));
}
