/** What a stress process is to do to the machine that it runs on. Sizes in bytes, times in milliseconds. */
export type StressWork =
  /** Keeps `cores` processors busy for this share of the time, 0..1, each. */
  | { kind: 'cpu'; load: number; cores: number | 'all' }
  /** Takes memory, an amount or a share of all that there is, and keeps it. */
  | { kind: 'memory'; bytes?: number; share?: number; rampMs: number }
  /** Writes blocks to files in a directory for as long as it lives; each writer over `fileBytes` again and again. */
  | { kind: 'disk'; directory: string; writers: number; blockBytes: number; fileBytes: number; sync: boolean }
  /** Takes space on the file system of a directory, or takes what there is but for `leaveBytes`. */
  | { kind: 'fill'; directory: string; bytes?: number; leaveBytes?: number; floorBytes: number }
  /** Holds a lock on a table of a database. `mode` as its LOCK TABLE, or LOCK TABLES, takes it. */
  | { kind: 'database-lock'; server: DatabaseKind; url: string; table: string; mode: string }
  /** Holds connections to a database. */
  | { kind: 'database-connections'; server: DatabaseKind; url: string; connections: number | 'all' };

/** `mysql` is MariaDB too. */
export type DatabaseKind = 'postgres' | 'mysql';
