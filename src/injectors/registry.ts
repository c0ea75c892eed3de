import type { Fault } from '../model/fault.ts';
import { apiBandwidth } from './api-bandwidth/index.ts';
import { apiChange } from './api-change/index.ts';
import { apiDelay } from './api-delay/index.ts';
import { apiFailure } from './api-failure/index.ts';
import { clockSkew } from './clock-skew/index.ts';
import { command } from './command/index.ts';
import { connectionDelay } from './connection-delay/index.ts';
import { connectionLimit } from './connection-limit/index.ts';
import { connectionLinger } from './connection-linger/index.ts';
import { connectionRefuse } from './connection-refuse/index.ts';
import { connectionReset } from './connection-reset/index.ts';
import { connectionTimeout } from './connection-timeout/index.ts';
import { cpuStress } from './cpu-stress/index.ts';
import { databaseConnections } from './database-connections/index.ts';
import { databaseFailure } from './database-failure/index.ts';
import { databaseLock } from './database-lock/index.ts';
import { databaseSlow } from './database-slow/index.ts';
import { diskFill } from './disk-fill/index.ts';
import { diskStress } from './disk-stress/index.ts';
import { dnsFailure } from './dns-failure/index.ts';
import { fileDescriptors } from './file-descriptors/index.ts';
import { ioDelay } from './io-delay/index.ts';
import { ioError } from './io-error/index.ts';
import { memoryStress } from './memory-stress/index.ts';
import { networkBandwidth } from './network-bandwidth/index.ts';
import { networkCorrupt } from './network-corrupt/index.ts';
import { networkDelay } from './network-delay/index.ts';
import { networkDuplicate } from './network-duplicate/index.ts';
import { networkLoss } from './network-loss/index.ts';
import { networkPartition } from './network-partition/index.ts';
import { networkReorder } from './network-reorder/index.ts';
import { networkSlice } from './network-slice/index.ts';
import { processKill } from './process-kill/index.ts';
import { processPause } from './process-pause/index.ts';
import { processRestart } from './process-restart/index.ts';

/** Every fault. Adding one is its folder and its line here. */
export const faults: readonly Fault[] = [
  apiBandwidth,
  apiChange,
  apiDelay,
  apiFailure,
  clockSkew,
  command,
  connectionDelay,
  connectionLimit,
  connectionLinger,
  connectionRefuse,
  connectionReset,
  connectionTimeout,
  cpuStress,
  databaseConnections,
  databaseFailure,
  databaseLock,
  databaseSlow,
  diskFill,
  diskStress,
  dnsFailure,
  fileDescriptors,
  ioDelay,
  ioError,
  memoryStress,
  networkBandwidth,
  networkCorrupt,
  networkDelay,
  networkDuplicate,
  networkLoss,
  networkPartition,
  networkReorder,
  networkSlice,
  processKill,
  processPause,
  processRestart,
];

export const faultNamed = (name: string): Fault | undefined => faults.find((fault) => fault.name === name);
