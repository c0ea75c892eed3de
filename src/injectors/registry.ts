import type { Fault } from '../model/fault.ts';
import { apiDelay } from './api-delay/index.ts';
import { apiFailure } from './api-failure/index.ts';
import { command } from './command/index.ts';
import { databaseSlow } from './database-slow/index.ts';
import { networkDelay } from './network-delay/index.ts';
import { processKill } from './process-kill/index.ts';
import { processPause } from './process-pause/index.ts';
import { processRestart } from './process-restart/index.ts';

/** Every fault. Adding one is its folder and its line here. */
export const faults: readonly Fault[] = [
  apiDelay,
  apiFailure,
  command,
  databaseSlow,
  networkDelay,
  processKill,
  processPause,
  processRestart,
];

export const faultNamed = (name: string): Fault | undefined => faults.find((fault) => fault.name === name);
