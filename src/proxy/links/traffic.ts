/** What went through one direction of a link so far. What faults drop was received, but not sent. */
export interface Traffic {
  receivedBytes: number;
  sentBytes: number;
}

/** Both directions of a link, and its connections. */
export interface LinkTraffic {
  upstream: Traffic;
  downstream: Traffic;
  /** So many were accepted; they are numbered from 1. */
  connections: number;
}

export const noTraffic = (): LinkTraffic => ({
  upstream: { receivedBytes: 0, sentBytes: 0 },
  downstream: { receivedBytes: 0, sentBytes: 0 },
  connections: 0,
});
