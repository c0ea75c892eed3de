import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/**
 * Why a request is not to be obeyed: a web page must not steer the proxy through its visitor's browser, neither by a
 * request across origins nor by a name of its own that leads here (DNS rebinding). A number in Host is no such name.
 * @param hosts names that it may be called by, in lower case
 * @returns `undefined` when it may pass
 */
export function refusalOf(headers: IncomingHttpHeaders, hosts: ReadonlySet<string>): string | undefined {
  if (headers['user-agent']?.startsWith('Mozilla/')) return 'User agent not allowed';
  if (headers.origin !== undefined) return 'requests of web pages (with an Origin) are not allowed';
  const host = hostIn(headers.host ?? '');
  if (host !== undefined && (isIP(host) || host === 'localhost' || hosts.has(host))) return undefined;
  return `Host ${JSON.stringify(headers.host ?? '')} is not allowed: start with --allow-host for a name of this server`;
}

/** @returns the host without its port and brackets, in lower case */
function hostIn(header: string): string | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::[0-9]*)?$/.exec(header);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}
