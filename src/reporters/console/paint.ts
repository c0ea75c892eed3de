import { Chalk } from 'chalk';
import type { Outcome } from '../../model/event.ts';
import type { Verdict } from '../../model/report.ts';

/** What a piece of text means; colour only repeats what the words say. */
export type Tone = 'good' | 'bad' | 'doubtful' | 'harm' | 'quiet' | 'strong' | 'plain';
export type Paint = (tone: Tone, text: string) => string;

/** Text as it is. */
export const plainPaint: Paint = (_, text) => text;

export function paintFor(color: boolean): Paint {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const tones: Record<Tone, (text: string) => string> = {
    good: chalk.green,
    bad: chalk.red,
    doubtful: chalk.yellow,
    harm: chalk.magenta,
    quiet: chalk.dim,
    strong: chalk.bold,
    plain: (text) => text,
  };
  return (tone, text) => (text === '' ? '' : tones[tone](text));
}

export const toneOfVerdict: Record<Verdict, Tone> = {
  passed: 'good',
  failed: 'bad',
  aborted: 'doubtful',
  inconclusive: 'doubtful',
  error: 'bad',
};

export const toneOfOutcome: Record<Outcome, Tone> = {
  passed: 'good',
  failed: 'bad',
  skipped: 'quiet',
  unknown: 'doubtful',
};
export const markOfOutcome: Record<Outcome, string> = { passed: '✓', failed: '✗', skipped: '-', unknown: '?' };
