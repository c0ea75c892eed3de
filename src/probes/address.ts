import { text } from '../model/field.ts';

export interface Address {
  host: string;
  port: number;
}

/** `host:port`; an IPv6 address stands in brackets. */
export const address = text({
  description: 'Where to connect: `host:port`. An IPv6 address stands in brackets: `[::1]:5432`.',
  pattern: '^(?:\\[[0-9A-Fa-f:.]+\\]|[^\\s:\\[\\]/]+):[0-9]{1,5}$',
  examples: ['127.0.0.1:5432'],
});

/** Where a client of that URL connects to. @param standardPort when the URL names none */
export function addressOfUrl(url: string, standardPort: number): Address | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, port } = new URL(url);
  return hostname === ''
    ? undefined
    : { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) || standardPort };
}

/** @returns `undefined` when the port is out of range */
export function parseAddress(written: string): Address | undefined {
  const colon = written.lastIndexOf(':');
  const port = Number(written.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  return { host: written.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port };
}
