import { isIP } from 'node:net';
import type { JsonObject, JsonValue } from '../../model/json.ts';

/** Parameters that mean something in one mode alone. */
const ownMode = { latency: 'delay', address: 'wrong-address' } as const;

/** @returns what does not go together in the parameters of a dns-failure */
export function contradiction(written: JsonObject): string | undefined {
  for (const [parameter, mode] of Object.entries(ownMode))
    if (Object.hasOwn(written, parameter) && written.mode !== mode)
      return `"${parameter}" is for mode ${mode}: leave it out, or say "mode: ${mode}"`;
  for (const address of [...texts(written.address), ...texts(written.nameservers)])
    if (isIP(address) === 0 || address.includes('%'))
      return `${JSON.stringify(address)} is no address: expected one like 192.0.2.1 or 2001:db8::1`;
  return undefined;
}

const texts = (value: JsonValue | undefined): string[] =>
  [value ?? []].flat().filter((one): one is string => typeof one === 'string');
