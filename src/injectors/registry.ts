import type { Fault } from '../model/fault.ts';

/** Every fault. Adding one is its folder and its line here. */
export const faults: readonly Fault[] = [];

export const faultNamed = (name: string): Fault | undefined => faults.find((fault) => fault.name === name);
