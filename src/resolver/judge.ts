import type { Verdict } from './fault.ts';

/** Asked of each message of a client, after whatever delay is due. */
export type Judge = (message: Buffer) => Promise<Verdict>;
