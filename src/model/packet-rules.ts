/** Which packets of a host are meant, and what becomes of them. */
export interface PacketRules {
  /** Seen from the host. */
  direction: 'in' | 'out' | 'both';
  /** Addresses or networks (CIDR) of the other side; none: everybody, but not the host with itself. */
  peers: string[];
  /** TCP and UDP ports on either side; none: everything. */
  ports: number[];
  /** The share of them that is hit, 0..1, drawn by the kernel. */
  share: number;
  /** What it is drawn for: each packet, or each TCP connection (then all others pass). */
  drawnFor: 'packet' | 'connection';
  /** `drop`: it vanishes. `reject`: its sender is told, a TCP connection by a reset. */
  verdict: 'drop' | 'reject';
  /** Of a process in a namespace with nothing but a loopback interface: which of its conversations are meant, instead of peers and ports. */
  conversations?: Conversation[];
}

/** TCP to a port of the process itself, or to an address (numeric) and port that it reaches. */
export type Conversation = { publishes: number } | { reaches: string; port: number };

/** Queries that a host sends to its nameservers, and the ports of its own where they arrive instead. */
export interface Redirection {
  ways: { nameserver: string; port: number }[];
  /** What processes of this group id send goes where it was meant to go. */
  exceptGroup: number;
}
