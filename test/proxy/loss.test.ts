import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { chance } from '../../src/model/chance.ts';
import type { ProxyFault } from '../../src/model/operation.ts';
import type { JoinedConnection, Tools } from '../../src/proxy/faults/fault.ts';
import { fly, segmentBytes } from '../../src/proxy/faults/flight.ts';
import { loss } from '../../src/proxy/faults/loss.ts';
import type { Item } from '../../src/proxy/flow/item.ts';
import { dial, type Rig, read, serve, startRig } from './support/rig.ts';

/** A line of its own, on a clock that the test moves: minutes pass at once. */
function line(settings: { rate: number; roundTripMs: number; seed?: string }) {
  const deadlines = {
    at(atMs: number, run: () => void) {
      const timer = setTimeout(run, atMs - performance.now());
      return () => clearTimeout(timer);
    },
  };
  const fault = loss.begin({ seed: 'seed', direction: 'downstream', ...settings }, { deadlines } as unknown as Tools);
  const connection = { number: 1, guard: (work: () => void) => work() } as JoinedConnection;
  const stage = fault.join(connection).downstream!;
  const came: { item: Item; atMs: number }[] = [];
  stage.next = { take: (item) => void came.push({ item, atMs: performance.now() }) };
  return {
    stage,
    send: (bytes: Buffer) => stage.take({ kind: 'bytes', bytes }),
    /** What came so far, in order. */
    came: () => came.map(({ item }) => (item.kind === 'bytes' ? String(item.bytes) : item.kind)).join(''),
    times: () => came.map(({ atMs }) => atMs),
    bytes: () => came.reduce((sum, { item }) => sum + (item.kind === 'bytes' ? item.bytes.length : 0), 0),
    counters: () => fault.counters(),
  };
}

describe('a lossy line, seen from where it arrives', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** @see Mathis et al., 1997, for a receiver that acknowledges every segment */
  const mathisBytesPerMs = (rate: number, roundTripMs: number) =>
    ((segmentBytes / roundTripMs) * Math.sqrt(3 / 2)) / Math.sqrt(rate);

  it.each([
    { rate: 0.0005, roundTripMs: 20 },
    { rate: 0.001, roundTripMs: 100 },
    { rate: 0.005, roundTripMs: 200 },
    { rate: 0.01, roundTripMs: 50 },
    { rate: 0.01, roundTripMs: 200 },
    { rate: 0.02, roundTripMs: 100 },
  ])('lets as much pass in the long run as TCP does: $rate lost, $roundTripMs ms', ({ rate, roundTripMs }) => {
    const { stage, send, bytes } = line({ rate, roundTripMs });
    const block = Buffer.alloc(64 * 1024);
    const lastsMs = 3000 * roundTripMs;
    for (let spentMs = 0; spentMs < lastsMs; spentMs += roundTripMs) {
      while (stage.heldBytes < 1024 * 1024) send(block);
      vi.advanceTimersByTime(roundTripMs);
    }
    const ratio = bytes() / lastsMs / mathisBytesPerMs(rate, roundTripMs);
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.4);
  });

  it('lets a small message pass at once that meets no loss and nothing before it', () => {
    const { send, times, stage } = line({ rate: 0, roundTripMs: 100 });
    for (let sent = 0; sent < 5; sent += 1) {
      send(Buffer.alloc(100));
      vi.advanceTimersByTime(1);
    }
    expect(times()).toEqual([0, 1, 2, 3, 4].map((ms) => times()[0]! + ms));
    expect(stage.heldBytes).toBe(0);
  });

  it('begins slowly: ten segments in the first round trip, and twice as many in each that follows', () => {
    const { send, bytes } = line({ rate: 0, roundTripMs: 100 });
    send(Buffer.alloc(100 * segmentBytes));
    const arrived = [0, 100, 100, 100].map((ms) => {
      vi.advanceTimersByTime(ms);
      return bytes() / segmentBytes;
    });
    expect(arrived).toEqual([10, 30, 70, 100]);
  });

  it('lets what comes before a lost segment pass at once, and the rest a round trip later, together', () => {
    const { send, bytes, counters } = line({ rate: 0.2, roundTripMs: 100, seed: lostAt(3) });
    send(Buffer.alloc(10 * segmentBytes));
    vi.advanceTimersByTime(99);
    expect(bytes()).toBe(3 * segmentBytes);
    vi.advanceTimersByTime(1);
    expect(bytes()).toBe(10 * segmentBytes);
    expect(counters()).toMatchObject({ segments: 10, lost: 1, stalls: 1, stallSumMs: 100, stallMaxMs: 100 });
  });

  it('lets nothing overtake: the end and a reset wait as well', () => {
    const { stage, send, came } = line({ rate: 1, roundTripMs: 10 });
    send(Buffer.from('bytes '));
    stage.take({ kind: 'end' });
    stage.take({ kind: 'reset' });
    vi.advanceTimersByTime(199);
    expect(came()).toBe('');
    vi.runAllTimers();
    expect(came()).toBe('bytes endreset');
  });

  it('lets everything pass, in order, when it is lifted, and nothing when nobody is left to receive it', () => {
    const lifted = line({ rate: 1, roundTripMs: 10 });
    const dropped = line({ rate: 1, roundTripMs: 10 });
    for (const { send, stage } of [lifted, dropped]) {
      send(Buffer.from('bytes '));
      send(Buffer.from('more '));
      stage.take({ kind: 'end' });
    }
    lifted.stage.release();
    dropped.stage.drop();
    vi.runAllTimers();
    expect(lifted.came()).toBe('bytes more end');
    expect(dropped.came()).toBe('');
    for (const { stage } of [lifted, dropped]) expect(stage.heldBytes).toBe(0);
  });

  it('does the same again with the same seed, and something else with another', () => {
    const [first, second, other] = ['a', 'a', 'b'].map((seed) => {
      const { send, times } = line({ rate: 0.05, roundTripMs: 30, seed });
      const beganMs = performance.now();
      send(Buffer.alloc(1_000_000));
      vi.runAllTimers();
      return times().map((ms) => ms - beganMs);
    });
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });
});

/** A seed with which, of ten segments, the first to be lost at a rate of a fifth has so many before it, and it alone is. */
function lostAt(arriving: number): string {
  for (let number = 0; ; number += 1) {
    const draw = chance(`${number}/1/downstream`);
    const flight = fly(10, { rate: 0.2, roundTripMs: 100, waiting: 10, window: 10, draw });
    if (flight.lost === 1 && flight.arriving === arriving) return String(number);
  }
}

describe('what becomes of segments that are sent together', () => {
  const flights = (count: number, segments: number, more: { waiting?: number; window?: number } = {}) => {
    const about = { rate: 0.05, roundTripMs: 40, waiting: segments, window: 10, draw: chance('seed'), ...more };
    return Array.from({ length: count }, () => fly(segments, about)).filter(({ lost }) => lost > 0);
  };
  const shortestMs = (some: { stallMs: number }[]) => Math.min(...some.map(({ stallMs }) => stallMs));

  it('is drawn at the rate that was asked for, and a lone one waits for the timeout', () => {
    const lost = flights(20_000, 1);
    // The first draw of each decides whether it stalls; 99.99 % binomial interval.
    expect(Math.abs(lost.length / 20_000 - 0.05)).toBeLessThan(3.9 * Math.sqrt((0.05 * 0.95) / 20_000));
    expect(shortestMs(lost)).toBe(200);
    expect(lost.some(({ stallMs }) => stallMs >= 600)).toBe(true);
    expect(lost.every(({ timedOut }) => timedOut)).toBe(true);
  });

  it('is a round trip where three others follow, by what waits and what the window lets go', () => {
    expect(shortestMs(flights(2000, 10))).toBe(40);
    expect(shortestMs(flights(2000, 1, { waiting: 4 }))).toBe(40);
    expect(shortestMs(flights(2000, 3))).toBe(200);
    expect(shortestMs(flights(2000, 3, { waiting: 100, window: 3 }))).toBe(200);
  });
});

describe('a link with loss', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.stop());

  const lossOf = (rate: number, roundTripMs: number): ProxyFault => ({
    id: 'bad-line',
    kind: 'loss',
    settings: { rate, roundTripMs, direction: 'both', seed: 'seed' },
  });

  it('stalls what comes with a lost segment and behind it, and loses no byte', async () => {
    const echo = await serve((socket) => void socket.pipe(socket));
    const client = await dial(await rig.link('lossy', echo.port));
    await rig.control.add('lossy', lossOf(0.05, 5));
    const payload = randomBytes(200_000);
    client.write(payload);
    expect((await read(client, payload.length)).equals(payload)).toBe(true);
    const { segments, lost, stalls, stallMaxMs } = await rig.control.remove('lossy', 'bad-line');
    expect(segments).toBeGreaterThanOrEqual(2 * Math.ceil(payload.length / segmentBytes));
    expect(lost).toBeGreaterThan(0);
    expect(stalls).toBeGreaterThan(0);
    expect(stallMaxMs).toBeGreaterThanOrEqual(5);
    client.destroy();
    await echo.close();
  });

  it('is slow for bulk, many times slower than without', async () => {
    const block = Buffer.alloc(256 * 1024);
    const source = await serve((socket) => {
      const fill = () => {
        while (socket.write(block));
      };
      socket.on('drain', fill);
      fill();
    });
    const client = await dial(await rig.link('bulk', source.port));
    let bytes = 0;
    client.on('data', ({ length }) => {
      bytes += length;
    });
    const inHalfASecond = async () => {
      const before = bytes;
      await new Promise((resolve) => setTimeout(resolve, 500));
      return bytes - before;
    };
    await expect.poll(() => bytes).toBeGreaterThan(0);
    const whole = await inHalfASecond();
    await rig.control.add('bulk', lossOf(0.01, 20));
    await inHalfASecond(); // what was on its way
    const lossy = await inHalfASecond();
    expect(lossy).toBeGreaterThan(0);
    expect(lossy).toBeLessThan(whole / 10);
    client.destroy();
    await source.close();
  });
});
