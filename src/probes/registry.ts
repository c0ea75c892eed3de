import type { ProbeKind } from '../model/probe.ts';
import { command } from './command.ts';
import { http } from './http/index.ts';
import { ledger } from './ledger/index.ts';
import { mysql } from './mysql.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';
import { tcp } from './tcp.ts';
import { counter } from './workloads/counter.ts';
import { register } from './workloads/register.ts';
import { transfers } from './workloads/transfers.ts';

/** Every kind of probe. Adding one is its file, or folder, and its line here. */
export const probeKinds: readonly ProbeKind[] = [
  command,
  counter,
  http,
  ledger,
  mysql,
  postgres,
  redis,
  register,
  tcp,
  transfers,
];

export const probeKindNamed = (kind: string): ProbeKind | undefined => probeKinds.find((probe) => probe.kind === kind);
