import { defineFault } from '../../model/fault.ts';
import { choice, duration, either, list, share, text } from '../../model/field.ts';
import type { Need } from '../../model/need.ts';
import { packetNeeds } from '../packets.ts';
import { contradiction } from './contradiction.ts';
import { lookupEffect, lookupsFree, lookupsMet } from './effect.ts';

const label = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const oneName = text({
  description: 'A name, or a pattern of names.',
  pattern: `^(?:\\*|(?:\\*\\.)?${label}(?:\\.${label})*\\.?)$`,
  examples: ['*.example.com'],
});
const oneAddress = text({
  description: 'An IPv4 or IPv6 address.',
  examples: ['192.0.2.1'],
});

/** Kept free for documentation: nobody answers there. */
const nobody = ['192.0.2.1', '2001:db8::1'];

const said = {
  nxdomain: 'answered NXDOMAIN',
  servfail: 'answered SERVFAIL',
  timeout: 'left without an answer',
  delay: 'delayed',
  'wrong-address': 'answered with a wrong address',
} as const;

const hostNeeds: Need[] = [{ need: 'kernel', feature: 'nat' }];
const processNeeds: Need[] = [
  { need: 'root', why: 'give a process a resolv.conf of its own' },
  { need: 'program', program: 'unshare', package: 'util-linux' },
  { need: 'program', program: 'mount', package: 'mount' },
  { need: 'kernel', feature: 'mount namespaces' },
];

/** Names are not found. */
export const dnsFailure = defineFault({
  name: 'dns-failure',
  summary: 'Names are not found, found late, or found at the wrong address',
  description: `A resolver of our own stands between those who ask and their nameservers. It hands every message on as it is, over
UDP and TCP, except for the queries that are meant: those it answers by itself, holds back, or forgets. It reads the
question alone, so what else a message carries does not matter; what it cannot read it hands on.

A process of the run is started in a mount namespace of its own, in which \`/etc/resolv.conf\` names that resolver; until the
fault, and after it, the resolver hands everything on. What the process does without that file is not met.

On a host, the kernel redirects port 53 of each of the host's nameservers to it (\`nft\`, in a table of this injection's own);
what is asked of other servers passes by. The nameservers are those of \`/etc/resolv.conf\`, for a network namespace those of
\`/etc/netns/NAME/resolv.conf\` where that is there, or \`nameservers\`. A query that is on its way
when the fault is lifted may have to be asked again, and a TCP connection to a nameserver stays where it began. Where the fault has a planned end the kernel ends the
redirection by itself ten seconds after it, even if every process of ours is gone.

What is remembered is not asked: a program or a cache on the host (\`nscd\`, \`systemd-resolved\`) that knows a name already does
not notice. Programs that reach \`systemd-resolved\` other than over DNS (\`nss-resolve\`) are met where it asks itself: name its
servers in \`nameservers\`. Nor are DNS over TLS or HTTPS met. No answer of ours may be remembered beyond the fault: denials
carry no SOA record, and addresses have a lifetime of zero.`,
  targets: ['process', 'host'],
  mechanism: (on) =>
    on === 'host'
      ? { by: 'a resolver of ours, to which nft redirects queries', cannot: 'queries over TLS or HTTPS are not met' }
      : {
          by: 'a resolver of ours, which the process finds in its resolv.conf',
          cannot: 'what does without that file is not met',
        },
  needs(target) {
    if (target === 'process') return processNeeds;
    return target === 'host' ? [...packetNeeds(target), ...hostNeeds] : [];
  },
  parameters: {
    mode: choice(['nxdomain', 'servfail', 'timeout', 'delay', 'wrong-address'])({
      description:
        'What becomes of a query that is meant. `nxdomain`: there is no such name. `servfail`: the nameserver failed. `timeout`: nobody ever answers. `delay`: it reaches the nameserver after `latency`. `wrong-address`: it is answered with `address`; only queries for addresses (A and AAAA) are meant.',
      default: 'nxdomain',
      examples: ['timeout'],
    }),
    names: list(oneName)({
      description:
        'Which names are meant. `*.example.com` stands for all names below `example.com`, but not for that itself; `*` for all.',
      default: ['*'],
      examples: [['db.internal', '*.example.com']],
    }),
    rate: share({
      description: 'The share of those queries that is hit; which ones is drawn. Who asks again is drawn again.',
      default: '100%',
      examples: ['30%'],
    }),
    latency: duration({
      description: 'For `delay`: how long a query is held.',
      default: '1s',
      examples: ['250ms'],
    }),
    address: either(
      oneAddress,
      list(oneAddress)({ description: 'Several addresses.' }),
    )({
      description: `For \`wrong-address\`: where the name is said to be. A query for the other kind of address finds none. Without it, where nobody is: ${nobody.join(' and ')}.`,
      optional: true,
      examples: ['10.0.0.99', ['10.0.0.99', 'fd00::99']],
    }),
    nameservers: list(oneAddress)({
      description: 'On a host: the nameservers whose queries are met, instead of those that it is configured with.',
      optional: true,
      examples: [['10.0.0.2']],
    }),
  },
  held: true,
  contradiction,
  refuses(target, { nameservers }) {
    if (target.kind !== 'process') return undefined;
    if (target.isolate) return `${target.id} has a network namespace of its own ("isolate"), from which it asks nobody`;
    return nameservers ? 'a process asks the nameservers of its /etc/resolv.conf: leave out "nameservers"' : undefined;
  },
  launch: () => ({ resolver: true }),
  inject({ mode, names, rate, latency, address, nameservers }, { id, seed, target }) {
    if (!target) throw new Error('dns-failure needs a target');
    const settings = {
      mode,
      names,
      rate,
      seed,
      ...(mode === 'delay' ? { latencyMs: latency } : {}),
      ...(mode === 'wrong-address' ? { addresses: [address ?? nobody].flat() } : {}),
    };
    const fault = { id, kind: 'dns', settings };
    const remove = { op: 'resolver-remove', target: target.id, faultId: id } as const;
    if (target.kind === 'process')
      return { inject: [{ op: 'resolver-add', target: target.id, fault }], undo: [remove] };
    const whom = nameservers ? { target: target.id, nameservers } : { target: target.id };
    return {
      inject: [
        { op: 'resolver-add', ...whom, fault },
        { op: 'nft-redirect', ...whom },
      ],
      undo: [remove, { op: 'nft-delete', target: target.id }],
    };
  },
  observe: {
    inForce: lookupsMet,
    total: (sight, { mode, latency }) => lookupEffect(sight, said[mode], mode === 'delay' ? latency : undefined),
    gone: lookupsFree,
  },
  examples: [
    {
      title: 'The service finds its database no more',
      step: { inject: 'dns-failure', target: 'orders', with: { names: ['db.internal'] }, for: '20s' },
    },
    {
      title: 'The names of the payment provider vanish',
      step: { inject: 'dns-failure', target: 'machine', with: { names: ['*.payments.example'] }, for: '30s' },
    },
    {
      title: 'The nameserver is overloaded: a third of all queries is lost',
      step: { inject: 'dns-failure', target: 'machine', with: { mode: 'timeout', rate: '33%' }, for: '1m' },
    },
    {
      title: 'A stale record points to a machine that is gone',
      step: {
        inject: 'dns-failure',
        target: 'machine',
        with: { mode: 'wrong-address', names: ['db.internal'], address: '10.0.0.99' },
        for: '30s',
      },
    },
    {
      title: 'Every lookup takes half a second longer',
      step: { inject: 'dns-failure', target: 'machine', with: { mode: 'delay', latency: '500ms' }, for: '30s' },
    },
  ],
});
