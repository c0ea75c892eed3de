import { observationLimitMs } from '../injectors/observation-limit.ts';
import type { Action } from '../model/operation.ts';
import type { PlannedAction } from '../model/plan.ts';
import type { Target } from '../model/scenario.ts';

/** How long something takes, in milliseconds; `max` is `Infinity` when nothing bounds it. */
export interface Span {
  min: number;
  max: number;
}

/**
 * How long a step takes to be `started` (for an injection: in force), how long from there until it is over, and how
 * long its undo takes. Groups are over when their members are.
 *
 * Our own work (a signal, a message to the proxy) takes milliseconds and counts as none; what somebody else's program
 * takes counts from nothing to its time limit. An instant fault is over when its effect was seen, which is looked
 * for no longer than `observationLimitMs`.
 */
export interface Spans {
  start: Span;
  hold: Span;
  undo: Span;
}

export function spansOf(action: PlannedAction, targets: ReadonlyMap<string, Target>): Spans {
  switch (action.kind) {
    case 'await':
    case 'approve':
      return lasting({ min: 0, max: action.within });
    case 'assert':
      return lasting({ min: action.for ?? 0, max: (action.for ?? 0) + action.within });
    case 'run':
      return lasting({ min: 0, max: action.command.timeout });
    case 'pause':
      return lasting(exactly(action.for));
    case 'parallel':
    case 'sequence':
      return lasting(none);
    case 'inject': {
      const start = upTo(limit(action.inject, targets));
      const undo = upTo(limit(action.undo, targets));
      if (action.hold === 'instant') return { start: none, hold: upTo(start.max + observationLimitMs), undo };
      return { start, hold: 'for' in action.hold ? exactly(action.hold.for) : none, undo };
    }
  }
}

const none: Span = { min: 0, max: 0 };
const exactly = (ms: number): Span => ({ min: ms, max: ms });
const upTo = (ms: number): Span => ({ min: 0, max: ms });
const lasting = (hold: Span): Spans => ({ start: none, hold, undo: none });

/** The most that actions take, one after another. */
const limit = (actions: Action[], targets: ReadonlyMap<string, Target>): number =>
  actions.reduce((total, action) => total + limitOf(action, targets), 0);

function limitOf(action: Action, targets: ReadonlyMap<string, Target>): number {
  switch (action.op) {
    case 'run':
      return action.command.timeout;
    case 'restart': {
      const target = targets.get(action.target);
      const ready = target && 'ready' in target ? target.ready : undefined;
      const command = target?.kind === 'running' ? target.restartCommand : undefined;
      return action.grace + (command?.timeout ?? 0) + (ready?.within ?? 0);
    }
    case 'stress':
      return action.work.kind === 'memory' ? action.work.rampMs : 0;
    case 'signal':
    case 'freeze':
    case 'thaw':
    case 'stop-stress':
    case 'trace':
    case 'set-clock':
    case 'reset-clock':
    case 'qdisc-add':
    case 'qdisc-delete':
    case 'limit-files':
    case 'restore-files':
    case 'nft-add':
    case 'nft-delete':
    case 'nft-redirect':
    case 'resolver-add':
    case 'resolver-remove':
    case 'proxy-add':
    case 'proxy-remove':
      return 0;
  }
}
