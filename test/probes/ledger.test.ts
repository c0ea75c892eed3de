import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import type { ProbeSession } from '../../src/model/probe.ts';
import { probeKindNamed } from '../../src/probes/registry.ts';
import { promised } from '../proxy/support/rig.ts';
import { type HttpServer, serveHttp } from './support/http-server.ts';
import { open, run } from './support/open.ts';

/** What an order service does with the nth write. */
type Treatment = 'keep' | 'lose' | 'duplicate' | 'refuse' | 'keep and refuse' | 'keep and stall';

interface Orders extends HttpServer {
  ids: (string | number)[];
  treat: Treatment;
  /** Next readings fail so often. */
  unreadable: number;
  /** Shown only from the nth reading on. */
  late: Map<string, number>;
  readings: number;
  stalled: Promise<void>;
}

let orders: Orders;
beforeEach(async () => {
  orders = await serveOrders();
});
afterEach(() => orders.close());

/** An order service that really keeps, loses and duplicates. */
async function serveOrders(): Promise<Orders> {
  const stalling = promised<void>();
  const server = await serveHttp((request, response) => {
    if (request.method === 'GET') {
      orders.readings += 1;
      if (orders.unreadable > 0) {
        orders.unreadable -= 1;
        return response.writeHead(503).end('starting');
      }
      const shown = orders.ids.filter((id) => (orders.late.get(String(id)) ?? 0) <= orders.readings);
      return response.end(JSON.stringify({ orders: shown.map((id) => ({ id })) }));
    }
    const id = request.url!.split('/').at(-1)!;
    const { treat } = orders;
    if (treat.startsWith('keep') || treat === 'duplicate') orders.ids.push(id);
    if (treat === 'duplicate') orders.ids.push(id);
    if (treat === 'keep and stall') return stalling.resolve();
    response.writeHead(treat.endsWith('refuse') ? 500 : 201).end();
  });
  return Object.assign(server, {
    ids: [],
    treat: 'keep' as Treatment,
    unreadable: 0,
    late: new Map<string, number>(),
    readings: 0,
    stalled: stalling.promise,
  });
}

function openLedger(more: { write?: JsonObject; read?: JsonObject; ids?: string } = {}): Promise<ProbeSession> {
  return open('ledger', {
    write: { http: { url: `${orders.url}/orders/\${entry}`, ...more.write } },
    read: { http: { url: `${orders.url}/orders` }, ids: more.ids ?? '$.orders[*].id', ...more.read },
  });
}

const never = () => new AbortController().signal;
const verify = (session: ProbeSession) => session.verify!(never());

async function write(session: ProbeSession, treat: Treatment, times = 1): Promise<string[]> {
  orders.treat = treat;
  const before = orders.ids.length;
  for (let round = 0; round < times; round += 1) await session.sample(never());
  return orders.ids.slice(before).map(String);
}

describe('a ledger', () => {
  it('is whole when every acknowledged write is there once', async () => {
    const session = await openLedger();
    orders.treat = 'keep';
    expect(await session.sample(never())).toEqual({ good: true });
    await write(session, 'keep', 9);
    expect(await verify(session)).toEqual({
      written: 10,
      acknowledged: 10,
      kept: 10,
      lost: [],
      lostCount: 0,
      duplicated: [],
      duplicatedCount: 0,
      unacknowledgedPresent: 0,
    });
    expect(orders.readings).toBe(1);
    await session.close();
  });

  it('names what was lost and what is there twice, and when it was acknowledged', async () => {
    const session = await openLedger();
    const began = performance.now();
    await write(session, 'keep', 3);
    await write(session, 'lose', 2);
    const [duplicate] = await write(session, 'duplicate');
    const result = await verify(session);
    expect(result).toMatchObject({ written: 6, acknowledged: 6, kept: 3, lostCount: 2, duplicatedCount: 1 });
    expect(result.duplicated.map(({ id }) => id)).toEqual([duplicate]);
    const lost = result.lost.map(({ id }) => id);
    expect(lost).toEqual([expect.stringMatching(`^${run}-\\d+-0000003$`), expect.stringMatching(`-0000004$`)]);
    for (const { atMs } of [...result.lost, ...result.duplicated]) {
      expect(atMs).toBeGreaterThan(began);
      expect(atMs).toBeLessThan(performance.now());
    }
    await session.close();
  });

  it('promises nothing for a write that was not acknowledged: it may be there or not', async () => {
    const session = await openLedger();
    orders.treat = 'refuse';
    expect(await session.sample(never())).toEqual({ good: false, reason: 'status 500, expected 2xx' });
    await write(session, 'keep and refuse');
    orders.treat = 'keep and stall';
    const limit = new AbortController();
    const stalled = session.sample(limit.signal);
    await orders.stalled;
    limit.abort();
    expect(await stalled).toMatchObject({ good: false });
    expect(await verify(session)).toMatchObject({
      written: 3,
      acknowledged: 0,
      lostCount: 0,
      duplicatedCount: 0,
      unacknowledgedPresent: 2,
    });
    await session.close();
  });

  it('asks exactly once for each write, also when it fails', async () => {
    const session = await openLedger();
    await write(session, 'keep and refuse', 5);
    expect(orders.ids).toHaveLength(5);
    expect(new Set(orders.ids).size).toBe(5);
    await session.close();
  });

  it('leaves ids out of account that are not its own: of other runs, of other ledgers, of anybody', async () => {
    const [one, other] = [await openLedger(), await openLedger()];
    const [mine] = await write(one, 'keep');
    const [others] = await write(other, 'keep');
    expect(mine).not.toBe(others);
    orders.ids.push('order-1', 17, `${mine}x`, `x${mine}`, mine!.replace('-0000000', '-0000001'));
    orders.ids.push(mine!.replace('-0000000', '-0'), mine!.replace('-0000000', '-0e0'), '', '__proto__');
    expect(await verify(one)).toMatchObject({ written: 1, kept: 1, duplicatedCount: 0, unacknowledgedPresent: 0 });
    await one.close();
    await other.close();
  });

  it('waits for writes that are under way', async () => {
    const session = await openLedger();
    orders.treat = 'keep';
    const writes = Array.from({ length: 20 }, () => session.sample(never()));
    expect(await verify(session)).toMatchObject({ written: 20, acknowledged: 20, kept: 20 });
    await Promise.all(writes);
    await session.close();
  });

  it('reads again when the system cannot be read yet', async () => {
    const session = await openLedger();
    await write(session, 'keep');
    orders.unreadable = 2;
    expect(await verify(session)).toMatchObject({ kept: 1 });
    expect(orders.readings).toBe(3);
    await session.close();
  });

  it('does not accuse a store that shows an entry a moment later', async () => {
    const session = await openLedger();
    const [late] = await write(session, 'keep');
    orders.late.set(late!, 3);
    expect(await verify(session)).toMatchObject({ kept: 1, lostCount: 0 });
    expect(orders.readings).toBe(3);
    await session.close();
  });

  it('is unreadable, not empty, when the system stays away', async () => {
    const session = await openLedger();
    await write(session, 'keep');
    orders.unreadable = Number.POSITIVE_INFINITY;
    await expect(verify(session)).rejects.toThrow(
      'cannot be read back, in 5 attempts: status 503, expected 2xx: starting',
    );
    await session.close();
  });

  it('is unreadable when what is read is no list of ids', async () => {
    const session = await openLedger({ ids: '$.orders' });
    await write(session, 'keep');
    await expect(verify(session)).rejects.toThrow('an id is neither a text nor a number: [{"id":');
    await session.close();
  });

  it('stops reading when the sampler is closed', async () => {
    const session = await openLedger();
    await write(session, 'lose');
    const closing = new AbortController();
    const verifying = session.verify!(closing.signal);
    closing.abort(new Error('the sampler was closed'));
    await expect(verifying).rejects.toThrow(/closed|aborted/);
    await session.close();
  });

  it('finds its entries among hundreds of thousands', async () => {
    const session = await openLedger();
    await write(session, 'keep', 3);
    orders.ids = [...Array.from({ length: 300_000 }, (_, number) => `order-${number}`), ...orders.ids];
    expect(await verify(session)).toMatchObject({ written: 3, kept: 3, duplicatedCount: 0 });
    await session.close();
  });

  it('lists a hundred of what was lost, and counts all', async () => {
    const session = await openLedger();
    await write(session, 'lose', 150);
    const result = await verify(session);
    expect(result.lostCount).toBe(150);
    expect(result.lost).toHaveLength(100);
    await session.close();
  });

  it('writes the id where it is told to, with its own expectation of an acknowledgement', async () => {
    const seen: { url: string; header: unknown; body: string }[] = [];
    const jobs = await serveHttp(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      seen.push({ url: request.url!, header: request.headers['x-entry'], body });
      response.writeHead(202).end();
    });
    const session = await open(
      'ledger',
      {
        write: {
          http: {
            url: `${jobs.url}/jobs`,
            method: 'POST',
            headers: { 'x-entry': '${entry}' },
            body: { reference: '${entry}', nested: ['a ${entry}'] },
          },
        },
        read: { http: { url: jobs.url }, ids: '$[*]' },
      },
      { status: 202 },
    );
    expect(await session.sample(never())).toEqual({ good: true });
    const id = seen[0]!.header;
    expect(id).toMatch(/^run-1-\d+-0000000$/);
    expect(seen[0]).toEqual({ url: '/jobs', header: id, body: JSON.stringify({ reference: id, nested: [`a ${id}`] }) });
    await session.close();
    await jobs.close();
  });
});

describe('a ledger that is read in order', () => {
  const ordered = (ids: string) => openLedger({ read: { ordered: true }, ids });

  it('names what stands behind a later one', async () => {
    const session = await ordered('$.orders[*].id');
    await write(session, 'keep', 5);
    const [first, second, third, ...others] = orders.ids;
    orders.ids = [first!, third!, ...others, second!];
    const result = await verify(session);
    expect(result).toMatchObject({ kept: 5, lostCount: 0, outOfOrderCount: 1 });
    expect(result.outOfOrder).toEqual([{ id: second, atMs: expect.any(Number) }]);
    await session.close();
  });

  it('lets writes that overlapped stand in either order', async () => {
    const session = await ordered('$.orders[*].id');
    orders.treat = 'keep';
    await Promise.all(Array.from({ length: 10 }, () => session.sample(never())));
    orders.ids.reverse();
    expect(await verify(session)).toMatchObject({ kept: 10, outOfOrder: [], outOfOrderCount: 0 });
    await session.close();
  });

  it('asks no order of what was never acknowledged', async () => {
    const session = await ordered('$.orders[*].id');
    await write(session, 'keep and refuse', 3);
    orders.ids.reverse();
    expect(await verify(session)).toMatchObject({ unacknowledgedPresent: 3, outOfOrderCount: 0 });
    await session.close();
  });
});

describe('a ledger that is read during the run', () => {
  const often = () => openLedger({ read: { every: 5 } });
  const readings = async (count: number) => {
    const enough = orders.readings + count;
    while (orders.readings < enough) await new Promise((resolve) => setTimeout(resolve, 2));
  };

  it('accuses nobody who shows at once what was acknowledged', async () => {
    const session = await often();
    for (let round = 0; round < 30; round += 1) await write(session, 'keep');
    await readings(2);
    const result = await verify(session);
    expect(result).toMatchObject({ kept: 30, stale: [], staleCount: 0 });
    expect(result.readings).toBeGreaterThanOrEqual(1);
    await session.close();
  });

  it('names what a reading missed that is there in the end, and when', async () => {
    const session = await often();
    await write(session, 'keep');
    const [late] = await write(session, 'keep');
    orders.late.set(late!, orders.readings + 6);
    await readings(8);
    const { stale, staleCount, lostCount } = await verify(session);
    expect({ staleCount, lostCount }).toEqual({ staleCount: 1, lostCount: 0 });
    expect(stale).toEqual([{ id: late, atMs: expect.any(Number), missedMs: expect.any(Number) }]);
    expect(stale![0]!.missedMs).toBeGreaterThan(stale![0]!.atMs);
    await session.close();
  });

  it('does not call stale what is lost', async () => {
    const session = await often();
    await write(session, 'lose');
    await readings(3);
    expect(await verify(session)).toMatchObject({ lostCount: 1, staleCount: 0 });
    await session.close();
  });

  it('learns nothing from readings that fail', async () => {
    const session = await often();
    await write(session, 'keep');
    orders.unreadable = 5;
    await readings(5);
    expect(await verify(session)).toMatchObject({ kept: 1, staleCount: 0 });
    await session.close();
  });
});

describe('a ledger refuses', () => {
  const { refuses } = probeKindNamed('ledger')!;
  const refusalOf = (write: JsonObject, read: JsonObject, expect: JsonObject = {}) =>
    refuses!({ write, read } as never, { status: '2xx', ...expect } as never);
  const sql = { url: 'postgres://h/d', query: "insert into t values ('${entry}')" };
  const http = { url: 'http://h/${entry}' };

  it.each([
    [{}, { postgres: sql }, {}, 'the write of this ledger says no way: one of http, postgres, mysql, redis'],
    [{ http, postgres: sql }, { postgres: sql }, {}, 'the write of this ledger says several ways: http, postgres'],
    [
      { postgres: sql },
      { http },
      {},
      'the read of this ledger does not say where the ids stand: give "ids", a JSONPath',
    ],
    [{ postgres: sql }, { postgres: sql, ids: '$' }, {}, 'the read of this ledger has "ids", which is only for http'],
    [
      { postgres: { ...sql, query: 'select 1' } },
      { postgres: sql },
      {},
      'the write of this ledger never says ${entry}: every entry would be the same',
    ],
    [
      { postgres: sql },
      { postgres: sql },
      { contains: 'ok' },
      'a write to a database is acknowledged by its server: nothing more can be expected of it',
    ],
    [
      { mysql: { ...sql, url: 'mysql://:x' } },
      { postgres: sql },
      {},
      'the connection URL of this ledger probe is not a URL',
    ],
    [
      { redis: { url: 'redis://h', command: ['SET', '${entry}'] } },
      { redis: { url: 'redis://h', command: [] } },
      {},
      'the command of the read of this ledger is empty',
    ],
    [{ mysql: { ...sql, url: 'mysql://h/d' } }, { redis: { url: 'redis://h', command: ['KEYS', '*'] } }, {}, undefined],
  ])('%j read by %j', (write, read, expect_, why) => {
    expect(refusalOf(write, read, expect_)).toBe(why);
  });

  const refusal = (write: JsonObject, read: JsonObject = { url: 'http://h/' }) =>
    refuses!({ write: { http: write }, read: { http: read, ids: '$' } } as never, { status: '2xx' } as never);

  it('a write that is the same for every entry', () => {
    expect(refusal({ url: 'http://h/orders' })).toBe(
      'the write of this ledger never says ${entry}: every entry would be the same',
    );
    expect(refusal({ url: 'http://h/orders', body: { id: '${entry}' } })).toBeUndefined();
  });

  it('what is no URL, and headers that cannot be sent', () => {
    expect(refusal({ url: 'http://:x/${entry}' })).toBe('http://:x/${entry} is not a URL');
    expect(refusal({ url: 'http://h/${entry}' }, { url: 'http://' })).toBe('http:// is not a URL');
    expect(refusal({ url: 'http://h/${entry}', headers: { 'a b': '1' } })).toBe('"a b" cannot be the name of a header');
    expect(refusal({ url: 'http://h/${entry}', headers: { a: 'x\ny' } })).toBe(
      'the header a holds a character that no header may hold',
    );
  });
});
