import { isIPv6 } from 'node:net';
import { crc32 } from 'node:zlib';
import type { Namespace } from '../model/operation.ts';
import type { Conversation, PacketRules } from '../model/packet-rules.ts';
import { asAdministratorIn, namespaceExists } from './namespace.ts';
import { askTool } from './tool.ts';

/**
 * The nft commands that put rules into a table of their own, in one transaction; `create` fails when the table is there.
 * With `timeoutMs` the kernel itself lets the rules expire: they ask a set whose elements time out, so they are without
 * effect even if the guardian and we are both killed.
 */
export function rulesetOf(table: string, rules: PacketRules, timeoutMs: number | undefined): string {
  const four = rules.peers.filter((peer) => !isSix(peer));
  const six = rules.peers.filter(isSix);
  const parts = [
    'counter met { }',
    'counter hit { }',
    ...(timeoutMs === undefined
      ? []
      : [
          `set live { type inet_proto; flags timeout; ${elements(protocols.map((one) => `${one} timeout ${Math.ceil(timeoutMs)}ms`))} }`,
        ]),
    ...(four.length > 0 ? [`set peers4 { type ipv4_addr; flags interval; ${elements(four)} }`] : []),
    ...(six.length > 0 ? [`set peers6 { type ipv6_addr; flags interval; ${elements(six)} }`] : []),
    ...(rules.verdict === 'reject' ? [refuse] : []),
    `chain judge { ${judge(rules).join('; ')}; }`,
    ...chains(rules, { four, six }, timeoutMs !== undefined),
  ];
  return `create table inet ${table}; table inet ${table} { ${parts.map((part) => `${part};`).join(' ')} }`;
}

/** Whatever a network carries that a person could miss, by names that nft knows without /etc/protocols. */
const protocols = ['tcp', 'udp', 'icmp', 'icmpv6', 'sctp', 'udplite', 'esp', 'ah'];

const elements = (all: string[]): string => `elements = { ${all.join(', ')} };`;
const isSix = (peer: string): boolean => isIPv6(peer.replace(/\/.*$/, ''));

/** Counts what is met; of that, counts and ends the share that is hit. */
function judge({ share, drawnFor, verdict }: PacketRules): string[] {
  // The symmetric hash is the same for both directions of a connection, and another for each.
  const draw = drawnFor === 'packet' ? 'numgen random' : 'symhash';
  const drawn = share >= 1 ? '' : `${draw} mod 1000000 < ${Math.round(share * 1_000_000)} `;
  return ['counter name met', verdict === 'drop' ? `${drawn}counter name hit drop` : `${drawn}goto refuse`];
}

function chains(rules: PacketRules, peers: Peers, expires: boolean): string[] {
  if (rules.conversations) return [loopbackChain(rules, rules.conversations, expires)];
  return [
    ...(rules.direction === 'out' ? [] : [chain('input', rules, peers, expires)]),
    ...(rules.direction === 'in' ? [] : [chain('output', rules, peers, expires)]),
  ];
}

/** Who is meant, of each family of addresses. */
interface Peers {
  four: string[];
  six: string[];
}

/** How a sender is told depends on its protocol. */
const refuse = 'chain refuse { counter name hit; meta l4proto tcp reject with tcp reset; reject; }';

const tellings = [
  'tcp flags & rst == rst return',
  'icmp type destination-unreachable return',
  'icmpv6 type destination-unreachable return',
];

function chain(
  hook: 'input' | 'output',
  { direction, ports, peers, drawnFor, verdict }: PacketRules,
  { four, six }: Peers,
  expires: boolean,
): string {
  const other = hook === 'input' ? 'saddr' : 'daddr';
  const live = liveIf(expires);
  const who = [
    ...(four.length > 0 ? [`ip ${other} @peers4 `] : []),
    ...(six.length > 0 ? [`ip6 ${other} @peers6 `] : []),
    ...(peers.length === 0 ? [`${hook === 'input' ? 'iifname' : 'oifname'} != "lo" `] : []),
  ];
  const protocol =
    drawnFor === 'connection' ? 'meta l4proto tcp ' : ports.length === 0 ? '' : 'meta l4proto { tcp, udp } ';
  const what =
    ports.length === 0
      ? [protocol]
      : ['dport', 'sport'].map((side) => `${protocol}th ${side} { ${ports.join(', ')} } `);
  // On the loopback interface a packet passes both hooks: it is judged on its way out.
  const once = hook === 'input' && direction === 'both' ? ['iifname "lo" return'] : [];
  // What tells a sender goes out through the same hooks.
  const told = verdict === 'reject' ? tellings : [];
  const rules = [...told, ...once, ...who.flatMap((from) => what.map((about) => `${live}${from}${about}jump judge`))];
  return `chain ${hook}_hook { type filter hook ${hook} priority -200; policy accept; ${rules.join('; ')}; }`;
}

/** Where nothing but the loopback interface is, each packet passes this hook once; whose it is, its ports and addresses say. */
function loopbackChain({ direction, verdict }: PacketRules, conversations: Conversation[], expires: boolean): string {
  const live = liveIf(expires);
  const told = verdict === 'reject' ? tellings : [];
  const meant = conversations.flatMap((one) => [
    ...(direction === 'out' ? [] : [toProcess(one)]),
    ...(direction === 'in' ? [] : [fromProcess(one)]),
  ]);
  const rules = [...told, ...meant.map((about) => `${live}${about} jump judge`)];
  return `chain output_hook { type filter hook output priority -200; policy accept; ${rules.join('; ')}; }`;
}

const toProcess = (one: Conversation): string =>
  'publishes' in one
    ? `tcp dport ${one.publishes}`
    : `${family(one.reaches)} saddr ${one.reaches} tcp sport ${one.port}`;

const fromProcess = (one: Conversation): string =>
  'publishes' in one
    ? `tcp sport ${one.publishes}`
    : `${family(one.reaches)} daddr ${one.reaches} tcp dport ${one.port}`;

const family = (address: string): string => (isSix(address) ? 'ip6' : 'ip');

const liveIf = (expires: boolean): string => (expires ? 'meta l4proto @live ' : '');

/** A table of ours, named for what it belongs to. */
export interface Table {
  namespace?: Namespace | undefined;
  table: string;
}

/** Its name says to whom a table belongs; the checksum tells ids apart that look alike without their marks. */
export function tableName(run: string, id: string): string {
  const name = `${tableNamePrefix(run)}${named(id)}`;
  return `${name.slice(0, 100)}_${crc32(id).toString(16)}`;
}

/** How the names of all tables of a run begin; without a run: those of all runs. */
export const tableNamePrefix = (run: string): string => (run === '' ? 'chaos_' : `chaos_${named(run)}_`);

const named = (id: string): string => id.replaceAll(/[^A-Za-z0-9_]/g, '_');

export const nftArgv = ({ namespace }: Pick<Table, 'namespace'>, ...words: string[]): string[] => [
  ...asAdministratorIn(namespace),
  'nft',
  ...words,
];

/**
 * Deletes a table with all that is in it. What is gone already, or went with its namespace, counts as deleted.
 * @throws with one line when it may still be there
 */
export async function deleteTable({ namespace, table }: Table): Promise<void> {
  if (!namespaceExists(namespace)) return;
  const { code, stderr } = await nft({ namespace }, 'delete', 'table', 'inet', table);
  if (code !== 0 && (await hasTable({ namespace, table })))
    throw new Error(`nft cannot delete table ${table}: ${lastLine(stderr)}`);
}

/** Packets that were met, and of those the ones that were hit. @returns `undefined` when the table is not there */
export async function packetCounts({ namespace, table }: Table): Promise<{ met: number; hit: number } | undefined> {
  if (!namespaceExists(namespace)) return undefined;
  const { code, stdout } = await nft({ namespace }, '-j', 'list', 'counters', 'table', 'inet', table);
  if (code !== 0) return undefined;
  const { nftables } = JSON.parse(stdout) as { nftables: { counter?: { name: string; packets: number } }[] };
  const count = (name: string) => nftables.find(({ counter }) => counter?.name === name)?.counter?.packets ?? 0;
  return { met: count('met'), hit: count('hit') };
}

/** Every rule of a host, whoever put it there, without counters and other state. @throws with one line when they cannot be listed */
export async function tablesOf(where: Pick<Table, 'namespace'>): Promise<string> {
  const { code, stdout, stderr } = await nft(where, '-s', 'list', 'ruleset');
  if (code !== 0) throw new Error(lastLine(stderr));
  return stdout;
}

async function hasTable({ namespace, table }: Table): Promise<boolean> {
  const { stdout } = await nft({ namespace }, 'list', 'tables', 'inet');
  return stdout.split('\n').includes(`table inet ${table}`);
}

const nft = (where: Pick<Table, 'namespace'>, ...words: string[]) => askTool(nftArgv(where, ...words));

const lastLine = (text: string): string => text.trim().split('\n')[0] ?? '';
