import { chance } from '../../model/chance.ts';
import { Fuse } from '../flow/fuse.ts';
import { nowMs } from '../time/now.ts';
import type { FaultKind, JoinedConnection } from './fault.ts';
import { numberWithin, oneOf, optionalCount, textOf } from './settings.ts';

/**
 * Connections break with a reset on both sides, idle ones too: at once, after a time since the fault began or they were
 * made, or when so many bytes passed in a direction.
 */
export const resetConnections: FaultKind = {
  kind: 'reset',
  begin(settings, { deadlines }) {
    const share = numberWithin(settings, 'share', 0, 1);
    const seed = textOf(settings, 'seed');
    const afterMs = optionalCount(settings, 'afterMs');
    const afterBytes = optionalCount(settings, 'afterBytes');
    const direction =
      afterBytes === undefined ? 'both' : oneOf(settings, 'direction', ['upstream', 'downstream', 'both']);
    const tally = { connections: 0, resets: 0 };

    return {
      join(connection) {
        tally.connections += 1;
        const none = { near: 'wire', upstream: undefined, downstream: undefined } as const;
        if (chance(`${seed}/${connection.number}`)() >= share) return none;
        const reset = () => {
          tally.resets += 1;
          connection.break();
        };
        if (afterBytes !== undefined) {
          const fuse = (way: 'upstream' | 'downstream') =>
            direction === 'both' || direction === way ? new Fuse(() => afterBytes, reset) : undefined;
          return { ...none, upstream: fuse('upstream'), downstream: fuse('downstream') };
        }
        if (afterMs !== undefined)
          return { ...none, leave: deadlines.at(nowMs() + afterMs, () => connection.guard(reset)) };
        soon(connection, reset);
        return none;
      },
      counters: () => ({ ...tally }),
    };
  },
};

/** Not while the connection is being put together. */
const soon = (connection: JoinedConnection, work: () => void): void => void setImmediate(() => connection.guard(work));
