import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';

/** Where the C library asks when it is told nothing. */
const byDefault = '127.0.0.1';

/** The file that names the nameservers of this machine, or of a network namespace where that has one of its own. */
export function resolverFile(namespace: string | undefined): string {
  const own = namespace === undefined ? undefined : join('/etc/netns', namespace, 'resolv.conf');
  return own !== undefined && existsSync(own) ? own : '/etc/resolv.conf';
}

/** The nameservers of a resolv.conf, in its order. @see resolv.conf(5) */
export function nameserversIn(text: string): string[] {
  const named = text.split('\n').flatMap((line) => {
    const address = nameserverLine.exec(line)?.[1];
    return address !== undefined && isIP(address.replace(/%.*$/, '')) !== 0 ? [address] : [];
  });
  return named.length > 0 ? [...new Set(named)] : [byDefault];
}

/** The nameservers that a host is configured with. @throws with one line when they cannot be read */
export function nameserversOf(namespace: string | undefined): string[] {
  const file = resolverFile(namespace);
  return nameserversIn(existsSync(file) ? readFileSync(file, 'utf8') : '');
}

/** The same file with each nameserver replaced; all else in it stays. @param others for each of {@link nameserversIn} */
export function withNameservers(text: string, others: ReadonlyMap<string, string>): string {
  const rest = text.split('\n').filter((line) => !nameserverLine.test(line));
  return [...[...others.values()].map((address) => `nameserver ${address}`), ...rest].join('\n');
}

const nameserverLine = /^nameserver[ \t]+(\S+)/;
