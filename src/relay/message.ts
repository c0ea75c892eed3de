import type { NetworkIsolation } from '../model/scenario.ts';

/** What the half of a relay inside a namespace says to the half outside. A connection comes with a socket. */
export type FromInside =
  /** Everything that can be reached can be. */
  | { says: 'ready' }
  /** The published ports on which somebody listens now. */
  | { says: 'listening'; ports: number[] }
  /** Somebody inside connected to what can be reached: which, by its place. */
  | { says: 'connection'; place: number };

/** What the half outside says. */
export type FromOutside = { says: 'connection'; port: number };

export type RelaySettings = NetworkIsolation;
