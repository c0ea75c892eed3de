import { paintFor } from './paint.ts';
import { PlainConsole } from './plain.ts';
import type { ConsoleReporter, Screen } from './reporter.ts';

/** A live view for a person at a terminal; for everything else plain lines, which cost a start-up less. */
export async function createConsole(screen: Screen): Promise<ConsoleReporter> {
  return new PlainConsole(screen, paintFor(screen.color));
}
