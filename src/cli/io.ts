import type { Output } from '../model/output.ts';
import { outputTo } from './output.ts';

/** Where a command writes, and what its reader can show. stdout carries what was asked for; everything else goes to stderr. */
export interface Io {
  stdout: Output;
  stderr: Output;
  /** Whether escapes for colour may be written. */
  color: boolean;
  /** Width of the terminal; 80 when there is none. */
  columns: number;
  /** Whether a person watches: lines may be redrawn. */
  isTTY: boolean;
  ci: boolean;
}

type Environment = Record<string, string | undefined>;

/**
 * The process's own streams; `main` is the one that the command's text goes to, and decides on colour and width.
 * @see https://no-color.org and https://force-color.org
 */
export function processIo(main: 'stdout' | 'stderr', environment: Environment = process.env): Io {
  const stdout = outputTo(1);
  const stderr = outputTo(2);
  const { isTTY = false, columns } = main === 'stdout' ? stdout : stderr;
  return {
    stdout,
    stderr,
    color: wantsColor(isTTY, environment),
    columns: columns || Number(environment.COLUMNS) || 80,
    isTTY,
    ci: isSet(environment.CI),
  };
}

/** `NO_COLOR` wins over `FORCE_COLOR`, which wins over what the terminal is. */
export function wantsColor(isTTY: boolean, environment: Environment): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR !== undefined) return !['0', 'false'].includes(environment.FORCE_COLOR);
  return isTTY && environment.TERM !== 'dumb';
}

const isSet = (value: string | undefined): boolean => value !== undefined && !['', '0', 'false'].includes(value);
