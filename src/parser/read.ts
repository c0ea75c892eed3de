import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { type Diagnostic, UserError } from '../model/diagnostic.ts';

const mostBytes = 5 * 1024 * 1024;

/**
 * The text of a scenario file.
 * @throws UserError when it is not there, no file, too large, or not UTF-8
 */
export function readScenarioText(file: string): string {
  const bytes = readBytes(file);
  const bad = firstInvalidByte(bytes);
  if (bad === undefined) return new TextDecoder('utf-8', { ignoreBOM: false }).decode(bytes);
  const line = bytes.subarray(0, bad).filter((byte) => byte === 0x0a).length + 1;
  const column = bad - bytes.lastIndexOf(0x0a, bad - 1);
  throw refusal(file, 'not-utf-8', `the file is not UTF-8: byte ${bytes[bad]!.toString(16)} has no meaning there`, {
    line,
    column,
    length: 1,
  });
}

function readBytes(file: string): Buffer {
  try {
    // Without O_NONBLOCK a pipe that nobody writes to would be waited for without end.
    const opened = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = fstatSync(opened);
      if (found.isDirectory()) throw refusal(file, 'directory', 'this is a directory, not a scenario file');
      if (!found.isFile()) throw refusal(file, 'not-a-file', 'this is not a regular file');
      if (found.size > mostBytes)
        throw refusal(
          file,
          'too-large',
          `the file has ${Math.round(found.size / 1e6)} MB; a scenario has at most 5 MB`,
        );
      return readFileSync(opened);
    } finally {
      closeSync(opened);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw refusal(file, 'unreadable', reasonOf(error as NodeJS.ErrnoException));
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'the file may not be read';
  if (code === 'ENOTDIR') return 'there is no such file: a part of its path is not a directory';
  return `the file cannot be read: ${message}`;
}

const refusal = (file: string, code: string, message: string, place?: Diagnostic['place']): UserError =>
  new UserError([{ severity: 'error', code, message, file, ...(place ? { place } : {}) }]);

/** @returns its offset, or `undefined` for well-formed UTF-8 */
function firstInvalidByte(bytes: Buffer): number | undefined {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return undefined;
  } catch {
    // Only the failing file is searched: the longest prefix that decodes, by halving.
    let good = 0;
    let bad = bytes.length;
    while (bad - good > 1) {
      const middle = (good + bad) >> 1;
      if (decodes(bytes.subarray(0, middle))) good = middle;
      else bad = middle;
    }
    return good;
  }
}

function decodes(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
