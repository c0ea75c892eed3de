import type { ProxyCounters } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { ProtocolName } from '../../model/protocol.ts';
import type { Stage } from '../flow/stage.ts';
import type { Conversation } from '../protocols/conversation.ts';
import type { Exchanges } from '../protocols/http/exchanges.ts';
import type { StreamWatcher } from '../protocols/http2/watch.ts';
import type { StatementGate } from '../protocols/statements/statement-gate.ts';
import type { Deadlines } from '../time/deadlines.ts';

/** One kind of fault that this process can do. Adding one is its file and its line in the registry. */
export interface FaultKind {
  kind: string;
  /** The protocols of which it must understand one; absent: it works on bytes. */
  needs?: readonly ProtocolName[];
  /** While one is in force the port of the link is closed. */
  closesPort?: true;
  /** @throws SettingsError when the settings are not what it takes */
  begin(settings: JsonObject, tools: Tools): LinkFault;
}

/** What a fault is given to work with. Each is made ready when it is taken, so take what is needed and no more. */
export interface Tools {
  deadlines: Deadlines;
}

/** One fault on one link. */
export interface LinkFault {
  /** Its part in a connection, called once for each that exists or comes. */
  join(connection: JoinedConnection): Parts;
  /** Takes other settings while it is in force. Absent: it is replaced. @throws SettingsError and stays as it was */
  change?(settings: JsonObject): void;
  /** Its part in the streams of all connections, on links with protocol http2. */
  streams?: StreamWatcher;
  /** What it did since it was added. */
  counters(): ProxyCounters;
}

/** Where a defect in the work of a timer breaks no more than what it worked on. */
export interface Guarded {
  guard(work: () => void): void;
}

/** What a fault may know of a connection. */
export interface JoinedConnection extends Guarded {
  /** Counts from 1 on each link. */
  number: number;
  /** On the clock of `nowMs`. */
  acceptedMs: number;
  conversation: Conversation | undefined;
  /** Its statements, on links to a database. */
  statements: StatementGate | undefined;
  /** Its requests and answers, on links with protocol http. */
  exchanges: Exchanges | undefined;
  /** Ends it as a crash would: with a reset on both sides, at once. */
  break(): void;
  /** Ends it as a server that goes away would: what was sent arrives, then both sides see the end. */
  close(): void;
}

/**
 * Stages to put into the connection. Those `near` `server` stand next to the upstream server and see its bytes as it
 * sent them; those on the `wire` stand between them and the client. Those near the `receiver` are the last on the way,
 * the newest behind the others, in either direction.
 */
export interface Parts {
  near: 'server' | 'wire' | 'receiver';
  upstream: Stage | undefined;
  downstream: Stage | undefined;
  /**
   * Called when the fault leaves the connection, before its stages are taken out; or when the connection is over, or is
   * ended with all stages taken out.
   */
  leave?(): void;
  /** Called when the fault took other settings. */
  changed?(): void;
}
