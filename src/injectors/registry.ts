import type { Fault } from '../model/fault.ts';
import { databaseSlow } from './database-slow/index.ts';
import { networkDelay } from './network-delay/index.ts';

/** Every fault. Adding one is its folder and its line here. */
export const faults: readonly Fault[] = [databaseSlow, networkDelay];

export const faultNamed = (name: string): Fault | undefined => faults.find((fault) => fault.name === name);
