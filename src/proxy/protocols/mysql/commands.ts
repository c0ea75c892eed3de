/** What a client asks of a server, by the first byte of its packet. @see MySQL Internals, "Command Phase" */
export const commandOf = {
  quit: 0x01,
  query: 0x03,
  fieldList: 0x04,
  changeUser: 0x11,
  binlogDump: 0x12,
  tableDump: 0x13,
  prepare: 0x16,
  execute: 0x17,
  sendLongData: 0x18,
  close: 0x19,
  fetch: 0x1c,
  binlogDumpGtid: 0x1e,
  bulkExecute: 0xfa,
} as const;

/** Each is answered by one packet: InitDb, CreateDb, DropDb, Refresh, Shutdown, Statistics, …, Ping, Reset, SetOption. */
export const calls: ReadonlySet<number> = new Set([
  ...[0x00, 0x02, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x14, 0x15, 0x1a, 0x1b, 0x1f],
]);
/** ProcessInfo is answered as a query is. */
export const processInfo = 0x0a;
