/*
 * `npm run torture -- kills [--kills 2000 --seed 7 --lanes 3]`: runs every fault again and again, kills the runner or a process
 * of ours at a random moment, and looks whether anything was left, by the accounts of /proc, nft, tc and the file system.
 * The same seed makes the same choices. Ends with 1 when something was left.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { processesNamed } from '../src/host/processes.ts';
import { chance } from '../src/model/chance.ts';
import { connectTo, startPostgres } from '../test/proxy/support/postgres.ts';
import { chaos } from '../test/support/chaos.ts';
import { controlGroup } from '../test/support/needs.ts';
import { GameDay } from '../test/system/support/game-day.ts';
import { type Harm, harms, isBounded, isOfPackets, World } from '../test/system/support/world.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string' }, seed: { type: 'string' }, lanes: { type: 'string' } },
});
const kills = Number(values.kills ?? 200);
const seed = Number(values.seed ?? Date.now() % 2 ** 32);
const lanes = Number(values.lanes ?? 3);

/** Runs take up to half a second to come up, hold their fault, and are over soon after. */
const latestMs = 1100;
const held = '700ms';
/** Whatever is not undone by then is left. */
const patienceMs = 15_000;

const victims = ['runner', 'guardian', 'helper', 'runner and guardian'] as const;
type Victim = (typeof victims)[number];

interface Kill {
  number: number;
  harm: Harm;
  victim: Victim;
  atMs: number;
}

const isRoot = process.getuid?.() === 0;
const possible = harms.filter((harm) => (isRoot || !isOfPackets(harm)) && (controlGroup() || !isBounded(harm)));
const draw = chance(`torture ${seed}`);
const pick = <T>(all: readonly T[]): T => all[Math.floor(draw() * all.length)]!;
const planned: Kill[] = Array.from({ length: kills }, (_, number) => ({
  number,
  harm: possible[number % possible.length]!,
  victim: pick(victims),
  atMs: Math.floor(draw() * latestMs),
}));

const cleanMs: number[] = [];
const leftovers: string[] = [];
/** How far runs had come when the kill came. */
const reached = { nothing: 0, begun: 0, 'in force': 0, over: 0 };
const postgres = await startPostgres();
const client = await connectTo(postgres.port);
await client.query('create table orders (id int)');
console.log(`${kills} kills of ${possible.length} harms, seed ${seed}`);
const waiting = [...planned];
await Promise.all(Array.from({ length: lanes }, lane));
await client.end();
await postgres.stop();

const percentile = (share: number): string =>
  `${cleanMs.toSorted((a, b) => a - b)[Math.min(cleanMs.length - 1, Math.floor(cleanMs.length * share))]?.toFixed(0)} ms`;
console.log(
  `kills ${kills}, leftovers ${leftovers.length}, time to clean after the death of ${cleanMs.length} runners p50 ${percentile(0.5)}, p99 ${percentile(0.99)}`,
);
console.log(`at the kill: ${JSON.stringify(reached)}`);
for (const leftover of leftovers) console.log(leftover);
process.exit(leftovers.length > 0 ? 1 : 0);

/** One kill after another, in a world of its own. */
async function lane(): Promise<void> {
  const world = new World({ hasHosts: isRoot, isBounded: controlGroup() !== undefined });
  const before = JSON.stringify(await world.account());
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { harm, victim, atMs, number } = next;
    const day = new GameDay(world.scenario(harm, held, postgres.port));
    await delay(atMs);
    const left = await killed(day, victim);
    const after = JSON.stringify(await world.account());
    if (after !== before) left.push(`the world was ${before}, and is ${after}`);
    if (left.length > 0)
      leftovers.push(`#${number} ${harm.fault} on ${harm.on}, ${victim} killed after ${atMs} ms: ${left.join('; ')}`);
    day.clear();
    if ((number + 1) % 50 === 0) console.log(`${number + 1} …`);
  }
  await world.remove();
}

/** @returns what is left */
async function killed(day: GameDay, victim: Victim): Promise<string[]> {
  const ours = ['chaos-guardian', 'chaos-sampler', 'chaos-proxy', 'chaos-stress', 'chaos-resolver', 'strace'];
  const children = ours.flatMap((name) => processesNamed(name).filter(({ parent }) => parent === day.pid));
  const guardian = children.find(({ name }) => name === 'chaos-guardian');
  const helpers = children.filter((one) => one !== guardian);
  const seen = new Set<string>(day.events().map(({ type }) => type));
  const isOver = seen.has('injection-undone') || seen.has('injection-failed');
  reached[isOver ? 'over' : seen.has('injection-armed') ? 'in force' : seen.has('run-started') ? 'begun' : 'nothing'] +=
    1;
  const diedMs = performance.now();
  switch (victim) {
    case 'guardian':
      if (guardian) end(guardian.pid);
      await day.end();
      break;
    case 'helper':
      for (const { pid } of helpers.slice(0, 1)) end(pid);
      await day.end();
      break;
    case 'runner and guardian':
      day.signal('SIGSTOP'); // so that it starts no other
      if (guardian) end(guardian.pid);
      day.signal('SIGKILL');
      await day.end();
      await delay(100); // should the guardian be there after all, it is at work
      await chaos(['recover'], { env: { XDG_STATE_HOME: day.place } });
      break;
    case 'runner':
      day.signal('SIGKILL');
      await day.end();
  }
  const left = await untilClean(day);
  if (victim === 'runner' && left.length === 0) cleanMs.push(performance.now() - diedMs);
  return left;
}

async function untilClean(day: GameDay): Promise<string[]> {
  for (const untilMs = performance.now() + patienceMs; ; await delay(5)) {
    const left = day.leftovers();
    if (left.length === 0 || performance.now() > untilMs) return left;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
