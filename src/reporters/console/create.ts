import { paintFor } from './paint.ts';
import { PlainConsole } from './plain.ts';
import type { ConsoleReporter, Screen } from './reporter.ts';

/** A live view for a person at a terminal that can be drawn on; for everything else plain lines. */
export async function createConsole(screen: Screen): Promise<ConsoleReporter> {
  const paint = paintFor(screen.color);
  if (!screen.isTTY || screen.ci || process.env.TERM === 'dumb') return new PlainConsole(screen, paint);
  // listr2 is loaded only where it is seen.
  const { LiveConsole } = await import('./live/live.ts');
  return new LiveConsole(screen, paint);
}
