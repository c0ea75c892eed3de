import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { GameDay } from './support/game-day.ts';

const tables = (): string => spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' }).stdout;

/** A service that nobody told of a link, and how long it takes to answer. */
async function service(): Promise<{ port: number; answerMs(): Promise<number>; stop(): void }> {
  const server = spawn(process.execPath, [
    '-e',
    "const s = require('node:http').createServer((_, r) => r.end('ok')).listen(0, '127.0.0.1', () => console.log(s.address().port))",
  ]);
  const port = Number(String((await once(server.stdout, 'data'))[0]));
  return {
    port,
    async answerMs() {
      const began = performance.now();
      const asked = request({ host: '127.0.0.1', port, agent: false }).end();
      const [response] = await once(asked, 'response');
      response.resume();
      return performance.now() - began;
    },
    stop: () => server.kill(),
  };
}

const scenario = (port: number, held: string): string => `version: 1
name: Unchanged configuration
parameters: { linkPort: { type: port, default: auto } }
targets:
  link: { proxy: { listen: "127.0.0.1:\${linkPort}", upstream: "127.0.0.1:${port}", transparent: true } }
timeline:
  - { id: slow, inject: network-delay, target: link, with: { latency: 300ms }, for: ${held} }
`;

describe.concurrent('a transparent link', { timeout: 60_000 }, () => {
  it.for(['nobody', 'the runner', 'the proxy', 'runner and guardian together'])(
    'harms who was not told of it, and the port is as it was afterwards, though %s is killed',
    async (whom, context) => {
      const { expect } = context;
      needs(context, 'root', 'nft');
      const { port, answerMs, stop } = await service();
      const day = new GameDay(scenario(port, whom === 'nobody' ? '2s' : '60s'));
      const { run } = await day.until('run-started');
      const table = run.replaceAll('-', '_');
      await day.until('injection-in-force');
      expect(tables()).toContain(table);
      expect(await answerMs()).toBeGreaterThan(299);

      if (whom === 'the proxy') process.kill(await day.helper('chaos-proxy'), 'SIGKILL');
      if (whom === 'runner and guardian together') {
        process.kill(day.pid, 'SIGSTOP'); // so that it starts no other
        process.kill(await day.helper('chaos-guardian'), 'SIGKILL');
      }
      if (whom.includes('runner')) day.signal('SIGKILL');
      const exitCode = await day.end();

      if (whom === 'nobody') expect(exitCode, day.stderr).toBe(0);
      if (!whom.includes('guardian')) expect(await day.untilClean()).toEqual([]);
      for (let left = 1000; left > 0 && tables().includes(table); left -= 1) await delay(10);
      expect(tables()).not.toContain(table);
      expect(await answerMs()).toBeLessThan(299);
      stop();
    },
  );
});
