import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'vitest';
import { freePort } from '../proxy/support/server.ts';
import { becomes } from '../support/becomes.ts';
import { GameDay } from './support/game-day.ts';
import { Hold } from './support/hold.ts';

/* Game days on a link with protocol udp, before a server that says back what it is told. */

const echo =
  "require('node:dgram').createSocket('udp4').on('message', function (m, f) { this.send(m, f.port, f.address) }).bind(Number(process.argv[1]), '127.0.0.1')";

const scenario = (port: number, serverPort: number, steps: string): string => `version: 1
name: Events over a bad line
targets:
  counter: { process: { command: [node, -e, ${JSON.stringify(echo)}, "${serverPort}"] } }
  link: { proxy: { listen: "127.0.0.1:${port}", upstream: "127.0.0.1:${serverPort}", protocol: udp } }
timeline:
${steps}
`;

/** @returns how many answers came to so many datagrams, once no more come */
async function answers(port: number, count: number): Promise<number> {
  const socket = createSocket('udp4');
  let [got, lastMs] = [0, 0];
  socket.on('message', () => {
    got += 1;
    lastMs = performance.now();
  });
  for (let number = 0; number < count; number += 1) {
    socket.send(`event ${number}`, port, '127.0.0.1');
    if (number % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 4));
  }
  lastMs = performance.now();
  await becomes(() => got >= count || performance.now() - lastMs > 500);
  socket.close();
  return got;
}

const isFree = async (port: number): Promise<boolean> => {
  const socket = createSocket('udp4');
  try {
    const bound = once(socket, 'listening');
    socket.bind(port, '127.0.0.1');
    await bound;
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
};

describe.concurrent('datagrams on a link', () => {
  it('are lost, and no longer, and the report says how many', async ({ expect }) => {
    const hold = new Hold();
    const port = await freePort();
    const steps = hold.steps('network-loss, target: link, with: { rate: 30%, direction: out }');
    const day = new GameDay(scenario(port, await freePort(), steps));
    await day.until('injection-in-force');
    expect(await answers(port, 1000)).toBeLessThan(1000);
    hold.lift();
    await day.until('injection-undone');
    expect(await answers(port, 200)).toBe(200);
    hold.finish();
    expect(await day.end(), day.stderr).toBe(0);
    const report = day.report();
    const { effect } = report.injections[0]!;
    expect(effect).toMatchObject({ seen: 'seen', figures: { packets: 1000, askedRate: 0.3 } });
    expect(Math.abs((effect.figures.rate as number) - 0.3)).toBeLessThan(3.9 * Math.sqrt((0.3 * 0.7) / 1000));
    expect(report.residue).toMatchObject({ residue: [], unseen: [] });
    hold.clear();
  });

  it('that overtake, come twice, arrive wrong and late are counted, each by its fault', async ({ expect }) => {
    const hold = new Hold();
    const port = await freePort();
    const faults = ['reorder', 'duplicate', 'corrupt', 'delay'].map(
      (name) => `  - { id: ${name}, inject: network-${name}, target: link }\n`,
    );
    const day = new GameDay(
      scenario(
        port,
        await freePort(),
        faults.join('') + hold.steps('network-bandwidth, target: link, with: { rate: 50kB/s }'),
      ),
    );
    await day.until('injection-in-force', ({ step }) => step === 'held');
    await answers(port, 1000);
    hold.finish();
    expect(await day.end(), day.stderr).toBe(0);
    for (const { fault, effect, gone } of day.report().injections)
      expect({ gone, seen: effect.seen }, `${fault}: ${effect.summary}`).toEqual({ gone: true, seen: 'seen' });
  });

  it('go nowhere once the runner was killed, and the port is free', async ({ expect }) => {
    const port = await freePort();
    const day = new GameDay(
      scenario(port, await freePort(), '  - { inject: network-partition, target: link, for: 60s }'),
    );
    await day.until('injection-in-force');
    expect(await answers(port, 10)).toBe(0);
    expect(await isFree(port)).toBe(false);
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
    expect(await isFree(port)).toBe(true);
  });
});
