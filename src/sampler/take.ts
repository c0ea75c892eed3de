import { formatDuration, timerMs } from '../model/duration.ts';
import type { Sample } from '../model/event.ts';
import type { Answer, ProbeSession } from '../model/probe.ts';
import type { Wakefulness } from './wakefulness.ts';

export interface Taking {
  /** Told at the time limit at the latest. Never rejects. */
  sample: Promise<Sample>;
  /** The session is done with it: soon after, or at once. */
  settled: Promise<void>;
}

/**
 * Takes one sample, due now or a little earlier. The time limit counts from when we asked, so that our own lateness is
 * not the system's; the latency counts from when it was due, as whoever waited would count. What was under way while we
 * could not work ourselves is unmeasured.
 * @param ended aborts it before its time
 */
export function take(
  session: ProbeSession,
  due: { dueMs: number; timeoutMs: number; now(): number; wakefulness: Wakefulness },
  ended: AbortSignal,
): Taking {
  const askedMs = due.now();
  const lateMs = Math.max(0, askedMs - due.dueMs);
  const limit = new AbortController();
  const outOfTime = new Promise<Answer>((resolve) => {
    limit.signal.addEventListener('abort', () => resolve(limit.signal.reason.answer as Answer), { once: true });
  });
  const timer = setTimeout(() => limit.abort(new OutOfTime(due.timeoutMs)), timerMs(due.timeoutMs));
  const end = () => limit.abort(new Ended());
  if (ended.aborted) end();
  else ended.addEventListener('abort', end, { once: true });

  const asked = session.sample(limit.signal).catch(defect);
  const sample = Promise.race([outOfTime, asked]).then((answer): Sample => {
    clearTimeout(timer);
    ended.removeEventListener('abort', end);
    const pausedMs = due.wakefulness.pausedMs(askedMs);
    const judged = pausedMs > 0 ? notLookedAt(pausedMs) : answer;
    return { dueMs: due.dueMs, lateMs, latencyMs: due.now() - due.dueMs, ...state(judged) };
  });
  return { sample, settled: asked.then(() => {}) };
}

class OutOfTime extends Error {
  readonly answer: Answer;

  constructor(timeoutMs: number) {
    super(`no answer within ${formatDuration(timeoutMs)}`);
    this.answer = { good: false, reason: this.message };
  }
}

class Ended extends Error {
  readonly answer: Answer = { unmeasured: true, reason: 'the sampler was closed before the answer came' };
}

const notLookedAt = (pausedMs: number): Answer => ({
  unmeasured: true,
  reason: `the sampler itself was held up for ${formatDuration(pausedMs)}`,
});

function state(answer: Answer): Pick<Sample, 'state' | 'reason'> {
  if ('unmeasured' in answer) return { state: 'unmeasured', reason: answer.reason };
  return answer.good ? { state: 'good' } : { state: 'bad', reason: answer.reason };
}

/** A probe that throws is our own defect: it says nothing of the system. */
function defect(error: unknown): Answer {
  return {
    unmeasured: true,
    reason: `a defect of the probe: ${error instanceof Error ? error.message : error}`.slice(0, 300),
  };
}
