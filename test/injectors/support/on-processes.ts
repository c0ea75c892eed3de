import { setTimeout as delay } from 'node:timers/promises';
import { descendants, processState } from '../../../src/host/processes.ts';
import { runCommand } from '../../../src/host/run-command.ts';
import { signalProcess } from '../../../src/host/signal.ts';
import type { CommandResult } from '../../../src/model/command.ts';
import type { Fault, Sight } from '../../../src/model/fault.ts';
import type { Action, ProcessIdentity } from '../../../src/model/operation.ts';
import type { Target } from '../../../src/model/scenario.ts';

/**
 * An injection on real processes: a descriptor's own actions, carried out, and its own observer, which looks at the
 * processes themselves. `patienceMs` cuts short how long it looks for what does not come.
 */
export function onProcesses(fault: Fault, parameters: object, root?: ProcessIdentity, patienceMs = 5000) {
  const decoded = parameters as never;
  const target = root && processTarget;
  const actions = fault.inject(decoded, { id: 'step-1', seed: 'step-1', target });
  const met = new Map<number, ProcessIdentity>();
  const results: CommandResult[] = [];
  const sight: Sight = {
    id: 'step-1',
    on: target?.kind,
    results,
    processes: async () => [...met.values()].map(processState),
    usage: async () => [],
    report: () => Promise.reject(new Error('there is none')),
    fileLimits: async () => [],
    clock: () => Promise.reject(new Error('there is none')),
    traced: async () => undefined,
    packets: async () => undefined,
    queue: async () => undefined,
    resolver: () => Promise.reject(new Error('no resolver here')),
    proxy: () => Promise.reject(new Error('no proxy here')),
    async until(withinMs, check) {
      const deadline = performance.now() + Math.min(withinMs, patienceMs);
      for (;;) {
        const value = await check();
        if (value !== undefined || performance.now() > deadline) return value;
        await delay(2);
      }
    },
  };
  const carryOut = async (action: Action) => {
    if (action.op === 'run') results.push(await runCommand(action.command, { run: 'test', survivors: 'leave' }));
    if (action.op !== 'signal' || !root) return;
    for (const one of action.tree ? [root, ...descendants(root.pid)] : [root]) {
      if (signalProcess(one, action.signal)) met.set(one.pid, one);
    }
  };
  return {
    actions,
    /** For actions that only the runner can carry out. */
    meet: (one: ProcessIdentity) => met.set(one.pid, one),
    async inject() {
      for (const action of actions.inject) await carryOut(action);
    },
    async undo() {
      for (const action of actions.undo) await carryOut(action);
    },
    inForce: () => fault.observe.inForce(sight, decoded),
    total: () => fault.observe.total!(sight, decoded),
    gone: () => fault.observe.gone!(sight, decoded),
  };
}

const processTarget: Target = {
  id: 'victim',
  path: '/targets/victim',
  needs: [],
  kind: 'running',
  find: { pid: 1 },
};
