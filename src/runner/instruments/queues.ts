import {
  deleteQueue,
  handleOf,
  mostLanes,
  type PacketCounts,
  type Place,
  packetCountsAt,
  placeArgv,
  placesFor,
} from '../../host/qdisc.ts';
import { askTool } from '../../host/tool.ts';
import type { QueueCounts } from '../../model/fault.ts';
import { type Impairment, together } from '../../model/impairment.ts';
import type { Queue, WayOut } from '../../model/operation.ts';

/** What one injection does in a lane. */
interface Part {
  impairment: Impairment;
  beganMs: number;
  /** What had passed there before. */
  before: PacketCounts | undefined;
}

/** What happens to what goes to some addresses, or to all that leaves. */
interface LaneState {
  number: number | undefined;
  to: string[];
  parts: Map<string, Part>;
}

interface State {
  queue: Queue;
  lanes: LaneState[];
  /** What is in the kernel, by what it is and where. */
  places: Map<string, Place>;
  /** Resolves when nobody is changing it. */
  free: Promise<unknown>;
}

/**
 * The queues of a run on the network interfaces. An interface has one, for all the run's faults on it together: each
 * that comes or goes changes what is asked of the kernel, and leaves the others as they are. It has one lane for all that
 * leaves, or one for each set of addresses that is meant. Undoing needs none of this: who outlives the runner takes away
 * the whole queue, by its handle.
 */
export class Queues {
  readonly #states = new Map<string, State>();

  /** @param how.use runs a program @throws what that throws; with one line when it does not go with what is in force there */
  add(
    { queue, to }: WayOut,
    { id, impairment, use }: { id: string; impairment: Impairment; use: (argv: string[]) => Promise<void> },
  ): Promise<void> {
    return this.#alone(queue, async (state) => {
      const lane = laneFor(state, to);
      const before = await packetCountsAt(queue, handleOf(queue, lane.number, impairment));
      const part: Part = { impairment, beganMs: performance.now(), before };
      const parts = new Map([...lane.parts, [id, part]]);
      await become(
        state,
        state.lanes.map((one) => (one === lane ? { ...lane, parts } : one)),
        use,
      );
      part.beganMs = performance.now();
    });
  }

  /** Ends what one injection does on an interface. @throws with one line when it may still be in force */
  lift(queue: Queue, id: string): Promise<void> {
    return this.#alone(queue, async (state) => {
      const left = state.lanes.map((lane) => ({ ...lane, parts: without(lane.parts, id) }));
      const isThere = (await packetCountsAt(queue, queue.handle)) !== undefined;
      if (isThere && left.some(({ parts }) => parts.size > 0)) {
        await become(state, left, change);
        return;
      }
      await deleteQueue(queue);
      state.lanes = [];
      state.places.clear();
    });
  }

  /** @returns what left since an injection began, on all lanes where it is in force, or `undefined` when on none */
  async counts(id: string): Promise<QueueCounts | undefined> {
    const parts = [...this.#states.values()].flatMap(({ queue, lanes }) =>
      lanes.flatMap(({ number, parts }) => countsOf(queue, number, parts.get(id))),
    );
    const all = (await Promise.all(parts)).flatMap((one) => one ?? []);
    if (all.length === 0) return undefined;
    return all.reduce((sum, one) => ({
      packets: sum.packets + one.packets,
      bytes: sum.bytes + one.bytes,
      heldBack: sum.heldBack + one.heldBack,
      dropped: sum.dropped + one.dropped,
      bytesPerSecond: Math.max(sum.bytesPerSecond, one.bytesPerSecond),
    }));
  }

  #stateOf(queue: Queue): State {
    const key = JSON.stringify([queue.namespace, queue.device]);
    const state = this.#states.get(key) ?? { queue, lanes: [], places: new Map(), free: Promise.resolve() };
    this.#states.set(key, state);
    return state;
  }

  #alone<T>(queue: Queue, work: (state: State) => Promise<T>): Promise<T> {
    const state = this.#stateOf(queue);
    const done = state.free.then(() => work(state));
    state.free = done.catch(() => undefined);
    return done;
  }
}

/** The lane for such packets, a new one if there is none. @throws with one line when it goes with no other */
function laneFor({ queue, lanes }: State, to: string[] = []): LaneState {
  const known = lanes.find((lane) => lane.to.length === to.length && lane.to.every((one) => to.includes(one)));
  if (known) return known;
  const where = `of what leaves by ${queue.device} something is done already`;
  if (lanes.some((lane) => lane.to.length === 0)) throw new Error(`${where}, to whomever it goes`);
  if (to.length === 0 && lanes.length > 0) throw new Error(`${where} to what goes to ${lanes[0]!.to.join(', ')} alone`);
  const shared = lanes.flatMap((lane) => lane.to).find((one) => to.includes(one));
  if (shared !== undefined) throw new Error(`${where} to what goes to ${shared} and others, or to it alone`);
  if (lanes.length >= mostLanes)
    throw new Error(`more than ${mostLanes} others are met by what leaves ${queue.device}`);
  const lane = { number: to.length === 0 ? undefined : lanes.length, to, parts: new Map() };
  lanes.push(lane);
  return lane;
}

const without = (parts: Map<string, Part>, id: string): Map<string, Part> =>
  new Map([...parts].filter(([one]) => one !== id));

async function countsOf(
  queue: Queue,
  number: number | undefined,
  part: Part | undefined,
): Promise<QueueCounts | undefined> {
  const now = part && (await packetCountsAt(queue, handleOf(queue, number, part.impairment)));
  if (!now) return undefined;
  const before = part.before ?? { packets: 0, bytes: 0, heldBack: 0, dropped: 0 };
  const bytes = now.bytes - before.bytes;
  return {
    packets: now.packets - before.packets,
    bytes,
    heldBack: now.heldBack - before.heldBack,
    dropped: now.dropped - before.dropped,
    bytesPerSecond: (bytes / (performance.now() - part.beganMs)) * 1000,
  };
}

/** Says only what changes. A place whose command failed is as it was. */
async function become(state: State, lanes: LaneState[], use: (argv: string[]) => Promise<void>): Promise<void> {
  const { queue, places } = state;
  const wanted = lanes.map(({ number, to, parts }) => ({
    number,
    to,
    wanted: together([...parts.values()].map(({ impairment }) => impairment)),
    hasNetem: [...places.values()].some(({ where }) => where.at(-1) === handleOf(queue, number, {})),
  }));
  for (const place of placesFor(queue, wanted)) {
    const key = JSON.stringify([place.kind, place.where]);
    const now = places.get(key);
    if (now?.words.join(' ') === place.words.join(' ')) continue;
    await use(placeArgv(queue, now ? 'change' : 'add', place));
    places.set(key, place);
  }
  state.lanes = lanes;
}

async function change(argv: string[]): Promise<void> {
  const { code, stderr } = await askTool(argv);
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${stderr.trim().split('\n')[0]}`);
}
