import { RunFold, type ToldRun } from '../../../src/reporters/run-fold.ts';
import type { Story } from './story.ts';

/** What the reports of a story are made of. */
export function told(story: Story): ToldRun {
  const fold = new RunFold();
  for (const event of story.events) fold.add(event);
  return fold.told();
}
