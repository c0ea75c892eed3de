import { parseDuration } from '../../model/duration.ts';
import { defineFault } from '../../model/fault.ts';
import { number, text } from '../../model/field.ts';
import { clockBegun, clockEnded, clockTotal } from './observe.ts';

/** A process has the wrong time. */
export const clockSkew = defineFault({
  name: 'clock-skew',
  summary: 'The clock of a process is wrong, or goes too fast or too slow',
  description: `The process and its children see a time of day that is \`offset\` ahead (behind, with a minus) and, with a \`rate\`, moves away
ever further. It resembles a machine without time synchronization, a restored snapshot, a change of clocks: certificates
and tokens are expired or not valid yet, leases end early, of two writes the later one looks older.

The process is started with \`libfaketime\`, which answers for the C library; until the fault, and after it, the time is the
real one. Timers, durations (the monotonic clock) and the times of files stay real. What does not ask the C library keeps its
time: programs that are linked statically, as those written in Go are, and such as may not be preloaded. The report counts
whom it reached. Asking for the time takes about a microsecond longer for as long as the run lasts.

With a \`rate\`, a child that was started a second after the process is off by \`rate\` - 1 seconds more.`,
  targets: ['process'],
  mechanism: () => ({
    by: 'libfaketime',
    cannot: 'timers stay real, and so does the time of statically linked programs',
  }),
  needs: () => [{ need: 'faketime' }],
  parameters: {
    offset: text({
      description: 'How far the clock is ahead, or behind: `+2h`, `-90s`.',
      pattern:
        '^[+-]?(?=[0-9])([0-9]+(\\.[0-9]+)?h)?([0-9]+(\\.[0-9]+)?m)?([0-9]+(\\.[0-9]+)?s)?([0-9]+(\\.[0-9]+)?ms)?$',
      default: '+1h',
      examples: ['-90s', '+720h'],
    }),
    rate: number({
      description: 'How fast it goes: 2 is twice as fast, 0.5 half as fast.',
      default: 1,
      exclusiveMinimum: 0,
      maximum: 1000,
      examples: [1.01],
    }),
  },
  held: true,
  alone: () => 'clock',
  launch: () => ({ clock: true }),
  contradiction: ({ offset, rate }) =>
    millisecondsOf(String(offset ?? '+1h')) === 0 && (rate ?? 1) === 1
      ? 'this is the right time at the right rate'
      : undefined,
  inject({ offset, rate }, { target }) {
    if (!target) throw new Error('clock-skew needs a target');
    return {
      inject: [{ op: 'set-clock', target: target.id, offsetMs: millisecondsOf(offset), rate }],
      undo: [{ op: 'reset-clock', target: target.id }],
    };
  },
  observe: { inForce: clockBegun, total: clockTotal, gone: clockEnded },
  examples: [
    {
      title: 'The service is two hours ahead of everybody else',
      step: { inject: 'clock-skew', target: 'orders', with: { offset: '+2h' }, for: '30s' },
    },
    {
      title: 'Its clock loses a second in ten',
      step: { inject: 'clock-skew', target: 'orders', with: { offset: '0s', rate: 0.9 }, for: '1m' },
    },
  ],
});

function millisecondsOf(offset: string): number {
  const duration = parseDuration(offset.replace(/^[+-]/, '')) ?? 0;
  return offset.startsWith('-') ? -duration : duration;
}
