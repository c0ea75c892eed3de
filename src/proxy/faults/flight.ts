/** What fits into a packet of an Ethernet, behind the headers of IPv4 and TCP with timestamps. */
export const segmentBytes = 1448;
/** RFC 6298 asks for a second; Linux and others wait no less than this. */
const leastTimeoutMs = 200;
const mostTimeoutMs = 120_000;
/** So many segments behind a lost one tell its sender, by their acknowledgements, to send it again at once. */
const duplicatesForFastRetransmit = 3;

/** What becomes of segments that are sent together. */
export interface Flight {
  /** So many were lost, those that were sent again among them. */
  lost: number;
  /** So many arrive before the first that is lost. */
  arriving: number;
  /** How long the others wait, the lost ones and what came behind them. */
  stallMs: number;
  /** Whether a retransmission had to wait for the timer. */
  timedOut: boolean;
}

/**
 * Each segment is lost by chance. It is sent again a round trip later when enough follow it, else after the retransmission
 * timeout, which doubles each time the segment is lost again; those of one flight are sent again together.
 * @param about.waiting so many segments the sender has in all, those of the flight among them
 * @param about.window so many of them it may send before it hears of the first
 * @see RFC 5681, section 3.2 (fast retransmit) and RFC 6298, section 5 (the timer)
 */
export function fly(
  segments: number,
  about: { rate: number; roundTripMs: number; waiting: number; window: number; draw(): number },
): Flight {
  const { rate, roundTripMs, waiting, window, draw } = about;
  const flight: Flight = { lost: 0, arriving: segments, stallMs: 0, timedOut: false };
  for (let before = 0; before < segments; before += 1) {
    if (draw() >= rate) continue;
    if (flight.lost === 0) flight.arriving = before;
    flight.lost += 1;
    const following = Math.min(waiting - before, window) - 1;
    let timeoutMs = Math.max(leastTimeoutMs, 2 * roundTripMs);
    let stallMs = roundTripMs;
    if (following < duplicatesForFastRetransmit) {
      flight.timedOut = true;
      stallMs = timeoutMs;
      timeoutMs *= 2; // it has run out once
    }
    while (draw() < rate && timeoutMs < mostTimeoutMs) {
      flight.lost += 1;
      flight.timedOut = true;
      stallMs += timeoutMs;
      timeoutMs *= 2;
    }
    flight.stallMs = Math.max(flight.stallMs, stallMs);
  }
  return flight;
}
