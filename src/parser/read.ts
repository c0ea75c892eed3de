import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { type Diagnostic, UserError } from '../model/diagnostic.ts';
import { aScenario, type Called } from './yaml/called.ts';

const mostBytes = 5 * 1024 * 1024;

/**
 * The text of a file.
 * @throws UserError when it is not there, no file, too large, or not UTF-8
 */
export function readSource(file: string, called: Called = aScenario): string {
  const bytes = readBytes(file, called);
  const text = new TextDecoder('utf-8').decode(bytes);
  const bad = firstInvalidByte(bytes);
  if (bad === undefined) return text;
  const before = bytes.subarray(0, bad).toString();
  const place = { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n'), length: 1 };
  const byte = `0x${bytes[bad]!.toString(16).padStart(2, '0')}`;
  throw refusal(file, 'not-utf-8', `the file is not UTF-8: the byte ${byte} has no meaning here`, place);
}

function readBytes(file: string, { one }: Called): Buffer {
  try {
    // Without O_NONBLOCK a pipe that nobody writes to would be waited for without end.
    const opened = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = fstatSync(opened);
      if (found.isDirectory()) throw refusal(file, 'directory', `this is a directory, not a ${one} file`);
      if (!found.isFile()) throw refusal(file, 'not-a-file', 'this is not a regular file');
      if (found.size > mostBytes)
        throw refusal(file, 'too-large', `the file has ${Math.round(found.size / 1e6)} MB; a ${one} has at most 5 MB`);
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
  if (isUtf8(bytes)) return undefined;
  // What cannot be decoded comes out as U+FFFD: the first difference on the way back is the first bad byte.
  const again = Buffer.from(bytes.toString());
  return bytes.findIndex((byte, index) => byte !== again[index]);
}
