import { isIPv6 } from 'node:net';
import type { Redirection } from '../model/packet-rules.ts';

/**
 * The nft commands that put a redirection of queries into a table of its own; `create` fails when the table is there.
 * With `timeoutMs` the kernel itself lets it expire: it asks a set whose elements time out.
 */
export function redirectionOf(
  table: string,
  { ways, exceptGroup }: Redirection,
  timeoutMs: number | undefined,
): string {
  const elements = ['tcp', 'udp'].map((one) => `${one} timeout ${Math.ceil(timeoutMs ?? 0)}ms`);
  const rules = ways.map(({ nameserver, port }) => {
    const live = timeoutMs === undefined ? '' : 'meta l4proto @live ';
    const to = `${isIPv6(nameserver) ? 'ip6' : 'ip'} daddr ${nameserver.replace(/%.*$/, '')}`;
    return `${live}${to} meta l4proto { tcp, udp } th dport 53 counter name met redirect to :${port}`;
  });
  const parts = [
    'counter met { }',
    ...(timeoutMs === undefined
      ? []
      : [`set live { type inet_proto; flags timeout; elements = { ${elements.join(', ')} }; }`]),
    `chain output_hook { type nat hook output priority -100; policy accept; meta skgid ${exceptGroup} return; ${rules.join('; ')}; }`,
  ];
  return `create table inet ${table}; table inet ${table} { ${parts.map((part) => `${part};`).join(' ')} }`;
}
