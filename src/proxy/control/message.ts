import type { ProxyCounters } from '../../model/fault.ts';
import type { ProxyFault } from '../../model/operation.ts';
import type { ProtocolName, StreamProtocolName } from '../../model/protocol.ts';

/** A link to open: connections to `listen`, or datagrams, are carried to `upstream`. Both are `host:port`. */
export interface LinkRequest {
  proxy: string;
  listen: string;
  upstream: string;
  protocol: ProtocolName;
}

/** One that carries connections. */
export type StreamLinkRequest = Omit<LinkRequest, 'protocol'> & { protocol: StreamProtocolName };

/** Likewise, over UDP and TCP, of a resolver. */
export type DnsLinkRequest = Omit<LinkRequest, 'protocol'> & { protocol: 'dns' };

/**
 * What is asked of the proxy over its control socket: one JSON object a line, each answered by one line with its id,
 * in any order.
 */
export type Request = { id: number } & RequestBody;
export type RequestBody =
  | ({ do: 'listen' } & (LinkRequest | DnsLinkRequest))
  | { do: 'add'; proxy: string; fault: ProxyFault }
  | { do: 'remove'; proxy: string; faultId: string }
  | { do: 'counters'; proxy: string; faultId: string };

/** `error` is one line for a person. Its id is `null` when the request was not even readable. */
export type Answer = { id: number; done: Done } | { id: number | null; error: string };
/** `listen` gives the bound `host:port`, `remove` and `counters` give figures. */
export type Done = string | ProxyCounters | null;
