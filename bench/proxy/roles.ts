/** What a server does: `source` sends for as long as somebody reads, `sink` reads, `echo` and `http` answer. */
export interface Ports {
  echo: number;
  source: number;
  sink: number;
  http: number;
}

export const roles = ['echo', 'source', 'sink', 'http'] as const;
