import { SettingsError } from '../settings.ts';

/** @throws SettingsError unless it can stand in the head of a message */
export function refuseBadField(name: string, value: string): void {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))
    throw new SettingsError(`headers: ${JSON.stringify(name)} is no name of a header`);
  if (/[\0\r\n]/.test(value)) throw new SettingsError(`headers: the value of ${name} has a line break in it`);
}
