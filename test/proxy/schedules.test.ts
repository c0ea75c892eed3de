import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import type { Toxic, ToxicType } from 'toxiproxy-node-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { delayOf, serve, startRig } from './support/rig.ts';
import { Talker } from './support/talk.ts';
import { ProxyServer, toxic } from './support/toxiproxy.ts';

/*
 * Random schedules: connections open, talk both ways, rest and end each side by itself, while faults that lose nothing
 * come, change and go. Every byte is compared, every end has to come, and none with an error.
 *
 *     CHAOS_SCHEDULES=2000 npx vitest run test/proxy/schedules.test.ts     # so many, instead of a few
 *     CHAOS_SCHEDULES_SEED=1234 …                                          # those of the seed that a failure has printed
 */
const runs = Number(process.env.CHAOS_SCHEDULES ?? 40);
const { CHAOS_SCHEDULES_SEED } = process.env;
const parameters = {
  numRuns: runs,
  timeout: 30_000,
  endOnFailure: true, // what depends on time does not get smaller by trying
  ...(CHAOS_SCHEDULES_SEED === undefined ? {} : { seed: Number(CHAOS_SCHEDULES_SEED) }),
};
const patienceMs = 60_000 + runs * 500;

const ways = ['upstream', 'downstream', 'both'] as const;
/** What the settings of a fault are made of. */
interface Drawn {
  kind: number;
  way: (typeof ways)[number];
  /** 0 to 99 */
  a: number;
  b: number;
}
const drawn = { kind: fc.nat(99), way: fc.constantFrom(...ways), a: fc.nat(99), b: fc.nat(99) };
const who = { who: fc.nat(3), by: fc.constantFrom('clients', 'servers') };
const bytes = fc.oneof(
  fc.integer({ min: 1, max: 2000 }),
  fc.integer({ min: 1, max: 60_000 }),
  fc.integer({ min: 1, max: 900_000 }),
);
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const) }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('say' as const), ...who, bytes }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('finish', 'rest', 'go on', 'go on'), ...who }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('add' as const), ...drawn }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('change' as const), which: fc.nat(9), ...drawn }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), which: fc.nat(9) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(8) }) },
);
const schedule = fc.array(step, { minLength: 10, maxLength: 60 });
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Faults on a link, however they are steered. */
interface Steered {
  port: number;
  add(drawn: Drawn): Promise<void>;
  change(which: number, drawn: Drawn): Promise<void>;
  remove(which: number): Promise<void>;
  /** Those too that would keep something for ever. */
  liftAll(): Promise<void>;
}

let servers: Talker[] = [];
let server: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  server = await serve((socket) => servers.push(new Talker(socket, 1000 + servers.length)));
});
afterAll(() => server.close());

/** @returns what was said in all, by clients and by servers */
async function carryOut(steps: Step[], faults: Steered): Promise<{ upstream: number; downstream: number }> {
  const clients: Talker[] = [];
  servers = [];
  const open = () => {
    const socket = connect({ port: faults.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    clients.push(new Talker(socket, clients.length));
  };
  const talk = (one: Extract<Step, { by: string }>) => {
    const talkers = one.by === 'clients' ? clients : servers;
    const talker = talkers[one.who % talkers.length]; // the first server may not have heard of anybody yet
    if (one.do === 'say') talker?.say(one.bytes);
    else if (one.do === 'finish') talker?.finish();
    else if (one.do === 'rest') talker?.rest();
    else talker?.goOn();
  };
  open();
  for (const one of steps) {
    if (one.do === 'open') open();
    else if (one.do === 'add') await faults.add(one);
    else if (one.do === 'change') await faults.change(one.which, one);
    else if (one.do === 'remove') await faults.remove(one.which);
    else if (one.do === 'wait') await delay(one.ms);
    else talk(one);
  }
  await faults.liftAll();
  await expect.poll(() => servers.length, { timeout: 20_000 }).toBe(clients.length);
  const all = [...clients, ...servers];
  for (const talker of all) {
    talker.goOn();
    talker.finish();
  }
  expect(await Promise.all(all.map(({ end }) => end))).toEqual(all.map(() => undefined));
  for (const talker of all) {
    const peer = all.find(({ number }) => number === talker.peer)!;
    expect(peer.peer).toBe(talker.number);
    expect(talker.heardBytes).toBe(peer.saidBytes);
    talker.leave();
  }
  const total = (talkers: Talker[]) => talkers.reduce((sum, { saidBytes }) => sum + saidBytes, 0);
  return { upstream: total(clients), downstream: total(servers) };
}

/** Of faults that lose nothing. */
const ofControl: ((drawn: Drawn, seed: string) => { kind: string; settings: JsonObject })[] = [
  ({ way, a, b }, seed) => ({
    kind: 'delay',
    settings: {
      ...{ latencyMs: a % 16, jitterMs: b % 16, distribution: ['uniform', 'normal', 'pareto'][a % 3]! },
      ...{ share: b % 4 === 0 ? 0.5 : 1, direction: way, seed },
    },
  }),
  ({ way, a, b }) => ({
    kind: 'bandwidth',
    settings: { bytesPerSecond: 4e6 + a * 1e6, per: b % 2 === 0 ? 'link' : 'connection', direction: way },
  }),
  ({ way }) => ({ kind: 'blackhole', settings: { direction: way } }),
  ({ way, a, b }, seed) => ({
    kind: 'slicer',
    settings: { averageBytes: 2000 + 100 * a, variationBytes: b * 20, delayMs: (b % 4) / 10, direction: way, seed },
  }),
  ({ way, a }, seed) => ({ kind: 'loss', settings: { rate: a / 1000, roundTripMs: 5, direction: way, seed } }),
  ({ a, b }, seed) => ({ kind: 'slow-accept', settings: { delayMs: a % 40, share: b % 2 === 0 ? 0.5 : 1, seed } }),
  ({ way, a, b }, seed) => ({
    kind: 'slow-close',
    settings: { delayMs: a % 40, direction: way, share: b % 2 === 0 ? 0.5 : 1, seed },
  }),
  ({ way }, seed) => ({ kind: 'corrupt', settings: { rate: 0, direction: way, seed } }),
  ({ way }) => ({ kind: 'limit-data', settings: { bytes: Number.MAX_SAFE_INTEGER, direction: way } }),
  ({ a }, seed) => ({ kind: 'reset', settings: { share: a % 2, afterMs: 3_600_000, seed } }),
];

it('no byte is lost, changed or overtaken while faults come and go', { timeout: patienceMs }, async () => {
  const rig = await startRig();
  let links = 0;
  const protocol = fc.constantFrom('tcp', 'tcp', 'tcp', 'http', 'postgres', 'mysql', 'redis');
  await fc.assert(
    fc.asyncProperty(schedule, protocol, async (steps, name) => {
      links += 1;
      const link = `link-${links}`;
      const inForce: string[] = [];
      let added = 0;
      const add = async (one: Drawn) => {
        added += 1;
        const id = `fault-${added}`;
        await rig.control.add(link, { id, ...ofControl[one.kind % ofControl.length]!(one, id) });
        inForce.push(id);
      };
      const remove = async (which: number) => {
        const [id] = inForce.splice(which % Math.max(1, inForce.length), 1);
        if (id) await rig.control.remove(link, id);
      };
      const port = await rig.link(link, server.port, name);
      await rig.control.add(link, delayOf('all', 0, { direction: 'both' }));
      const { upstream, downstream } = await carryOut(steps, {
        port,
        add,
        async change(which, one) {
          await remove(which);
          await add(one);
        },
        remove,
        async liftAll() {
          for (const id of inForce) await rig.control.remove(link, id);
        },
      });
      expect(await rig.control.remove(link, 'all')).toMatchObject({ bytes: upstream + downstream });
    }),
    parameters,
  );
  await rig.stop();
});

const ofToxiproxy: ((drawn: Drawn) => { type: ToxicType; attributes: Record<string, number> })[] = [
  ({ a, b }) => ({ type: 'latency', attributes: { latency: a % 16, jitter: b % 20 } }),
  ({ a }) => ({ type: 'bandwidth', attributes: { rate: a % 4 === 0 ? 0 : 4000 + 1000 * a } }),
  ({ a }) => ({ type: 'slow_close', attributes: { delay: a % 40 } }),
  ({ a, b }) => ({
    type: 'slicer',
    attributes: { average_size: a % 5 === 0 ? 0 : 2000 + 100 * a, size_variation: b * 20, delay: (b % 4) * 100 },
  }),
  ({ a }) => ({ type: 'limit_data', attributes: { bytes: 1e12 + a } }),
  ({ a }) => ({ type: 'reset_peer', attributes: { timeout: 3_600_000 + a } }),
];

it('no byte is lost, changed or overtaken while toxics come, change and go', { timeout: patienceMs }, async () => {
  const proxies = await ProxyServer.start();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(schedule, async (steps) => {
      runs += 1;
      const { proxy, port } = await proxies.proxy(`run-${runs}`, server.port);
      const inForce: { kind: number; toxic: Toxic<unknown> }[] = [];
      let added = 0;
      const settings = (name: string, one: Drawn) => {
        const stream = one.way === 'both' ? ways[one.b % 2] : one.way;
        const { type, attributes } = ofToxiproxy[one.kind % ofToxiproxy.length]!(one);
        return toxic(type, attributes, { name, stream: stream as 'upstream', toxicity: (one.b % 3) / 2 });
      };
      const remove = async (which: number) => {
        const [one] = inForce.splice(which % Math.max(1, inForce.length), 1);
        await one?.toxic.remove();
      };
      const total = await carryOut(steps, {
        port,
        async add(one) {
          added += 1;
          inForce.push({ kind: one.kind, toxic: await proxy.addToxic(settings(`toxic-${added}`, one)) });
        },
        async change(which, changed) {
          const one = inForce[which % Math.max(1, inForce.length)];
          if (one) one.toxic = await one.toxic.update(settings(one.toxic.name, { ...changed, kind: one.kind }));
        },
        remove,
        async liftAll() {
          while (inForce.length > 0) await remove(0);
        },
      });
      const { body } = await proxies.ask('GET', '/metrics');
      for (const way of ['upstream', 'downstream'] as const)
        for (const what of ['received', 'sent'])
          expect(body).toMatch(
            new RegExp(
              `^toxiproxy_proxy_${what}_bytes_total{direction="${way}",proxy="${proxy.name}",.*} ${total[way]}$`,
              'm',
            ),
          );
      await proxy.remove();
    }),
    parameters,
  );
  expect(await proxies.end()).toBe(0);
});
