import { crc32 } from 'node:zlib';
import type { JsonObject } from '../../model/json.ts';
import type { Undo } from '../../model/operation.ts';
import type { Seen } from '../../model/residue.ts';
import type { JournalHeader } from './journal.ts';

/** One line of a journal. */
export type Entry =
  | ({ entry: 'run' } & JournalHeader)
  /** What there was before the first fault. */
  | { entry: 'seen'; seen: Seen[] }
  /** A safeguard was broken, and the runner did not hear of it. */
  | { entry: 'tripped'; message: string; path: string }
  | { entry: 'undo'; id: number; undo: Undo; step?: string }
  | { entry: 'done'; id: number }
  | { entry: 'stuck'; id: number; message: string };

/** `crc32 json`: a torn or damaged line is told from a whole one. Begins on a new line even after a torn one. */
export function encodeEntry(entry: Entry): string {
  const json = JSON.stringify(entry);
  return `${checksum(json)} ${json}\n`;
}

/** @returns `undefined` for a line that was not written whole */
export function decodeEntry(line: string): Entry | undefined {
  const json = line.slice(9);
  if (line[8] !== ' ' || line.slice(0, 8) !== checksum(json)) return undefined;
  const value = JSON.parse(json) as JsonObject;
  return value as unknown as Entry;
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0');
