import {
  deleteQueue,
  handleOf,
  type PacketCounts,
  type Place,
  packetCountsAt,
  placeArgv,
  placesFor,
  type Queue,
} from '../../host/qdisc.ts';
import { askTool } from '../../host/tool.ts';
import type { QueueCounts } from '../../model/fault.ts';
import { type Impairment, together } from '../../model/impairment.ts';

/** What one injection does in a queue. */
interface Part {
  impairment: Impairment;
  beganMs: number;
  /** What had passed there before. */
  before: PacketCounts | undefined;
}

interface State {
  places: Place[];
  parts: Map<string, Part>;
  /** Resolves when nobody is changing it. */
  free: Promise<unknown>;
}

/**
 * The queues of a run on the network interfaces. An interface has one, for all the run's faults on it together: each
 * that comes or goes changes what is asked of the kernel, and leaves the others as they are. Undoing needs none of this:
 * who outlives the runner takes away the whole queue, by its handle.
 */
export class Queues {
  readonly #states = new Map<string, State>();

  /** @param use runs a program @throws what that throws */
  add(queue: Queue, id: string, impairment: Impairment, use: (argv: string[]) => Promise<void>): Promise<void> {
    return this.#alone(queue, async (state) => {
      const before = await packetCountsAt(queue, handleOf(queue, impairment));
      await become(queue, state, [...impairments(state), impairment], use);
      state.parts.set(id, { impairment, beganMs: performance.now(), before });
    });
  }

  /** Ends what one injection does. @throws with one line when it may still be in force */
  lift(queue: Queue, id: string): Promise<void> {
    return this.#alone(queue, async (state) => {
      const others = [...state.parts].filter(([one]) => one !== id).map(([, { impairment }]) => impairment);
      const isThere = (await packetCountsAt(queue, queue.handle)) !== undefined;
      if (isThere && others.length > 0) await become(queue, state, others, change);
      else {
        await deleteQueue(queue);
        state.places = [];
      }
      state.parts.delete(id);
    });
  }

  /** @returns what left since an injection began, or `undefined` when it is not in force */
  async counts(queue: Queue, id: string): Promise<QueueCounts | undefined> {
    const part = this.#stateOf(queue).parts.get(id);
    const now = part && (await packetCountsAt(queue, handleOf(queue, part.impairment)));
    if (!now) return undefined;
    const { packets = 0, bytes = 0, heldBack = 0, dropped = 0 } = part.before ?? {};
    return {
      packets: now.packets - packets,
      bytes: now.bytes - bytes,
      heldBack: now.heldBack - heldBack,
      dropped: now.dropped - dropped,
      overMs: performance.now() - part.beganMs,
    };
  }

  #stateOf({ namespace, device }: Queue): State {
    const key = JSON.stringify([namespace, device]);
    const state = this.#states.get(key) ?? { places: [], parts: new Map(), free: Promise.resolve() };
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

const impairments = ({ parts }: State): Impairment[] => [...parts.values()].map(({ impairment }) => impairment);

/** Says only what changes. A place whose command failed is as it was. */
async function become(
  queue: Queue,
  state: State,
  all: Impairment[],
  use: (argv: string[]) => Promise<void>,
): Promise<void> {
  for (const [depth, place] of placesFor(queue, together(all), state.places.length > 1).entries()) {
    const now = state.places[depth];
    if (now?.words.join(' ') === place.words.join(' ')) continue;
    await use(placeArgv(queue, now ? 'change' : 'add', place));
    state.places[depth] = place;
  }
}

async function change(argv: string[]): Promise<void> {
  const { code, stderr } = await askTool(argv);
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${stderr.trim().split('\n')[0]}`);
}
