import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../model/duration.ts';
import { parseAddress } from '../proxy/links/address.ts';

/** What `--set` gave, by the name of the parameter. Has no prototype: the names are the caller's. */
export type Settings = Record<string, string>;

/** Reads one `name=value` and adds it to those before it. */
export function collectSettings(text: string, before: Settings): Settings {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError(`Write it as name=value, as in --set factor=20.`);
  const settings: Settings = Object.assign(Object.create(null), before);
  settings[text.slice(0, equals)] = text.slice(equals + 1);
  return settings;
}

export const collectTexts = (text: string, before: string[] = []): string[] => [...before, text];

/** A whole number below 2^32. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^[0-9]+$/.test(text) || seed >= 2 ** 32)
    throw new InvalidArgumentError('A seed is a whole number below 4294967296.');
  return seed;
}

/** @throws InvalidArgumentError when it is no address */
export function parseListen(text: string): { host: string; port: number } {
  const address = parseAddress(text);
  if (!address) throw new InvalidArgumentError('Write it as host:port, as in 127.0.0.1:8474 or [::1]:8474.');
  return address;
}

/** @throws InvalidArgumentError when it is none, or 0 */
export function parseCount(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError('A count is a whole number, 1 or more.');
  return Number(text);
}

/** @throws InvalidArgumentError when it is none */
export function parsePort(text: string | number): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('A port is a whole number up to 65535.');
  return port;
}

/** Not for secrets: loading `node:crypto` would cost every start a tenth of Node's own. */
export const randomSeed = (): number => Math.floor(Math.random() * 2 ** 32);

/** @throws InvalidArgumentError when it is no duration */
export function parseGrace(text: string): number {
  const grace = parseDuration(text);
  if (grace === undefined) throw new InvalidArgumentError('Write it as 500ms, 5s or 1m.');
  return grace;
}
