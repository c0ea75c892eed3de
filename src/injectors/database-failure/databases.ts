import type { ProtocolName } from '../../model/protocol.ts';

/** The protocols of databases that the proxy reads. */
export type DatabaseName = Extract<ProtocolName, 'postgres' | 'mysql' | 'redis'>;
