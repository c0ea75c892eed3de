import { spawnSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { formatSize } from '../model/size.ts';
import type { StressWork } from '../model/stress-work.ts';
import { openNameless } from './nameless-file.ts';

/**
 * Takes the space in one go, without writing it.
 * @throws when the space is not there, or less than `floorBytes` would stay
 */
export async function fill({
  directory,
  bytes,
  leaveBytes,
  floorBytes,
}: Extract<StressWork, { kind: 'fill' }>): Promise<void> {
  const descriptor = openNameless(directory);
  const { bavail, bsize } = statfsSync(directory);
  const freeBytes = bavail * bsize;
  const wanted = bytes ?? freeBytes - (leaveBytes ?? 0);
  if (wanted <= 0) throw new Error(`there is nothing to take in ${directory}: only ${formatSize(freeBytes)} is free`);
  if (wanted > freeBytes)
    throw new Error(`${formatSize(wanted)} was asked for, and only ${formatSize(freeBytes)} is free in ${directory}`);
  if (freeBytes - wanted < floorBytes)
    throw new Error(
      `only ${formatSize(freeBytes - wanted)} would stay free in ${directory}, and at least ${formatSize(floorBytes)} has to`,
    );
  const { status, stderr, error } = spawnSync('fallocate', ['--length', String(wanted), '/proc/self/fd/3'], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
    encoding: 'utf8',
  });
  if (error || status !== 0)
    throw new Error(`cannot take ${formatSize(wanted)} in ${directory}: ${error?.message ?? stderr.trim()}`);
}
