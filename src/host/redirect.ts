import { isIPv6 } from 'node:net';
import type { Redirection } from '../model/packet-rules.ts';

/**
 * The nft commands that put a redirection of queries into a table of its own; `create` fails when the table is there.
 * With `timeoutMs` the kernel itself lets it expire: it asks a set whose elements time out.
 *
 * Datagrams are rewritten one by one, before anything is tracked: a socket that is open already is met, and one that
 * stays open afterwards is let go. (Tried: `redirect` for them too. Where connections are tracked anyway, it missed the
 * former and kept the latter.) A TCP connection stays where it began.
 */
export function redirectionOf(
  table: string,
  { ways, exceptGroup }: Redirection,
  timeoutMs: number | undefined,
): string {
  const live = timeoutMs === undefined ? '' : 'meta l4proto @live ';
  const others = `meta skgid ${exceptGroup} return`;
  const parts = [
    'counter met { }',
    ...(timeoutMs === undefined ? [] : [liveFor(timeoutMs)]),
    chain('datagrams', 'route hook output priority -250', [
      ...ways.map(answer),
      others,
      ...ways.map((way) => live + query(way)),
    ]),
    chain('connections', 'nat hook output priority -100', [others, ...ways.map((way) => live + connection(way))]),
  ];
  return `create table inet ${table}; table inet ${table} { ${parts.map((part) => `${part};`).join(' ')} }`;
}

type Way = Redirection['ways'][number];

const query = (way: Way): string => {
  const { ip, server, here } = addresses(way);
  return `${ip} daddr ${server} udp dport 53 counter name met ${ip} daddr set ${here} udp dport set ${way.port}`;
};

/** Who asked sees the answer come from whom it asked. */
const answer = (way: Way): string => {
  const { ip, server, here } = addresses(way);
  return `${ip} saddr ${here} udp sport ${way.port} ${ip} saddr set ${server} udp sport set 53`;
};

const connection = (way: Way): string => {
  const { ip, server } = addresses(way);
  return `${ip} daddr ${server} tcp dport 53 tcp flags & (syn | ack) == syn counter name met redirect to :${way.port}`;
};

function addresses({ nameserver }: Way): { ip: 'ip' | 'ip6'; server: string; here: string } {
  const server = nameserver.replace(/%.*$/, '');
  return isIPv6(server) ? { ip: 'ip6', server, here: '::1' } : { ip: 'ip', server, here: '127.0.0.1' };
}

function liveFor(timeoutMs: number): string {
  const elements = ['tcp', 'udp'].map((one) => `${one} timeout ${Math.ceil(timeoutMs)}ms`);
  return `set live { type inet_proto; flags timeout; elements = { ${elements.join(', ')} }; }`;
}

const chain = (name: string, type: string, rules: string[]): string =>
  `chain ${name} { type ${type}; policy accept; ${rules.join('; ')}; }`;
