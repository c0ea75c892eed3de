import { isIP } from 'node:net';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Pointer } from '../../model/place.ts';
import type { NetworkIsolation, ProcessTarget, Readiness } from '../../model/scenario.ts';
import { parseAddress } from '../../probes/address.ts';
import { type Findings, join } from '../findings.ts';
import { isObject } from '../parameters.ts';
import { asObject, listAt, objectAt, textAt } from './written.ts';

/** What a process has to itself, with what it shares by default: the port on which it is asked whether it is ready. */
export function readIsolation(
  settings: JsonObject,
  ready: Readiness | undefined,
  process: Pointer,
  findings: Findings,
): ProcessTarget['isolate'] {
  if (!Object.hasOwn(settings, 'isolate')) return undefined;
  const pointer = join(join(process, 'isolate'), 'network');
  const network = objectAt(asObject(settings.isolate), 'network');
  const publish = Object.hasOwn(network, 'publish')
    ? listAt(network, 'publish').filter((port): port is number => typeof port === 'number')
    : portsOf(ready);
  const reach = listAt(network, 'reach').flatMap((one, index) =>
    readReach(one, join(join(pointer, 'reach'), index), findings),
  );
  refuseTwice(publish, reach, join(pointer, 'reach'), findings);
  return { network: { publish, reach } };
}

/** Of a probe that asks this machine; another's port is not the process's own. */
function portsOf(ready: Readiness | undefined): number[] {
  const { address, url } = ready?.probe.settings ?? {};
  const asked = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  const { host, port } = asked
    ? { host: asked.hostname, port: Number(asked.port) || (asked.protocol === 'https:' ? 443 : 80) }
    : (parseAddress(String(address ?? '')) ?? { host: '', port: 0 });
  return ['127.0.0.1', 'localhost'].includes(host) ? [port] : [];
}

function readReach(written: JsonValue, pointer: Pointer, findings: Findings): NetworkIsolation['reach'] {
  const address = isObject(written) ? textAt(written, 'address') : String(written);
  const [parsed, via] = [parseAddress(address ?? ''), isObject(written) ? textAt(written, 'via') : undefined];
  const place = isObject(written) ? join(pointer, 'address') : pointer;
  for (const [one, at] of [
    [address, place],
    [via, join(pointer, 'via')],
  ] as const) {
    const port = /:([0-9]{1,5})$/.exec(one ?? '')?.[1];
    if (one !== undefined && port !== undefined && !parseAddress(one))
      findings.value(at, 'port', `there is no port ${port}`, 'ports go from 1 to 65535');
  }
  if (address === undefined || !parsed) return [];
  if (isIP(parsed.host) === 0)
    findings.value(
      place,
      'reach',
      `"${parsed.host}" is a name: an isolated process cannot look names up`,
      parsed.host === 'localhost' ? 'write 127.0.0.1' : 'write its address in numbers, and give that to the process',
    );
  else if (['0.0.0.0', '::'].includes(parsed.host))
    findings.value(place, 'reach', `nobody can be reached at ${parsed.host}`, 'name the address that it connects to');
  return [{ address: parsed.host, port: parsed.port, via: via ?? address }];
}

/** At one address and port only one can listen. */
function refuseTwice(publish: number[], reach: NetworkIsolation['reach'], pointer: Pointer, findings: Findings): void {
  const seen = new Set<string>();
  for (const [index, { address, port }] of reach.entries()) {
    if (publish.includes(port) && (address.startsWith('127.') || address === '::1'))
      findings.value(
        join(pointer, index),
        'reach',
        `the process itself listens on port ${port}, which it publishes`,
        'let one of them have another port',
      );
    const whole = JSON.stringify([address, port]);
    if (seen.has(whole))
      findings.value(join(pointer, index), 'reach', `port ${port} of ${address} is named twice`, 'leave one out');
    seen.add(whole);
  }
}
