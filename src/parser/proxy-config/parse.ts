import type { Diagnostic } from '../../model/diagnostic.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Places, Pointer } from '../../model/place.ts';
import type { Attributes, Stream } from '../../proxy/toxiproxy/toxic-types.ts';
import { checkSchema } from '../check-schema.ts';
import { Findings } from '../findings.ts';
import { readJson } from '../json/tree.ts';
import { isObject } from '../parameters.ts';
import type { Called } from '../yaml/called.ts';
import { readTree } from '../yaml/tree.ts';
import { proxyConfigKind } from './kind.ts';
import { asToxiproxyReads, moved } from './toxiproxy-json.ts';

/** A file of proxies; as written, but for what is left out. */
export interface ProxyConfig {
  proxies: ConfiguredProxy[];
  places: Places;
}

export interface ConfiguredProxy {
  /** Where it stands. */
  pointer: Pointer;
  name: string;
  listen: string;
  upstream: string;
  enabled: boolean;
  toxics: { name: string; type: string; stream: Stream; toxicity: number; attributes: Attributes }[];
}

export const aProxyConfig: Called = { one: 'proxy config', many: 'proxy configs', beginning: 'proxies:' };

/**
 * Reads the text of a config: Toxiproxy's JSON, which is a list, or `proxies:` with a list, or the list alone, in YAML.
 * Never throws for what stands in it.
 */
export function parseProxyConfig(text: string, file: string): { config?: ProxyConfig; diagnostics: Diagnostic[] } {
  const json = text.trim() === '' ? undefined : readJson(text, file);
  if (Array.isArray(json?.value)) {
    const { list, places } = asToxiproxyReads(json.value, json.places);
    return proxiesIn({ proxies: list }, below('/proxies', places), { isToxiproxys: true });
  }
  const tree = json && isNamedJson(file) && !json.findings.isEmpty ? json : readTree(text, file, aProxyConfig);
  if (tree.value === undefined || !tree.findings.isEmpty) return { diagnostics: tree.findings.diagnostics() };
  return Array.isArray(tree.value)
    ? proxiesIn({ proxies: tree.value }, below('/proxies', tree.places))
    : proxiesIn(tree.value, tree.places);
}

const isNamedJson = (file: string): boolean => file.toLowerCase().endsWith('.json');

/** The places of a value that stands one level deeper. */
const below = (pointer: Pointer, places: Places): Places => moved(places, (one) => `${pointer}${one}`);

function proxiesIn(
  value: JsonValue,
  places: Places,
  { isToxiproxys = false } = {},
): { config?: ProxyConfig; diagnostics: Diagnostic[] } {
  const findings = new Findings(places);
  if (!isObject(value)) {
    findings.value('', 'wrong-type', 'a proxy config is made of keys and values', 'it begins with "proxies:"');
    return { diagnostics: findings.diagnostics() };
  }
  checkSchema(value, proxyConfigKind, new Set(), findings);
  if (!findings.isEmpty) return { diagnostics: findings.diagnostics() };
  const written = (value.proxies as JsonObject[]).map(proxyIn);
  const proxies = isToxiproxys ? lastOfEachName(written) : written;
  refuseTwins(proxies, findings);
  return { ...(findings.isEmpty ? { config: { proxies, places } } : {}), diagnostics: findings.diagnostics() };
}

/** For Toxiproxy a proxy takes the place of one that has its name. */
const lastOfEachName = (proxies: ConfiguredProxy[]): ConfiguredProxy[] => [
  ...new Map(proxies.map((one) => [one.name, one])).values(),
];

function proxyIn(value: JsonObject, index: number): ConfiguredProxy {
  const { name, listen = '', upstream, enabled = true, toxics = [] } = value as unknown as ConfiguredProxy;
  return { pointer: `/proxies/${index}`, name, listen, upstream, enabled, toxics: toxics.map(toxicIn) };
}

function toxicIn(value: Partial<ConfiguredProxy['toxics'][number]>): ConfiguredProxy['toxics'][number] {
  const { type = '', stream = 'downstream', toxicity = 1, attributes = {} } = value;
  return { name: value.name ?? `${type}_${stream}`, type, stream, toxicity, attributes };
}

function refuseTwins(proxies: ConfiguredProxy[], findings: Findings): void {
  const names = new Set<string>();
  for (const { pointer, name, toxics } of proxies) {
    if (names.has(name)) findings.value(`${pointer}/name`, 'duplicate', `another proxy is called "${name}" already`);
    names.add(name);
    const ofToxics = new Set<string>();
    for (const [index, toxic] of toxics.entries()) {
      const at = `${pointer}/toxics/${index}`;
      if (ofToxics.has(toxic.name))
        findings.value(
          findings.has(`${at}/name`) ? `${at}/name` : at,
          'duplicate',
          `another toxic of this proxy is called "${toxic.name}" already`,
          'give it a "name"',
        );
      ofToxics.add(toxic.name);
    }
  }
}
