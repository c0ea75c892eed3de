import { defineFault } from '../../model/fault.ts';
import { rate, text } from '../../model/field.ts';
import type { Need } from '../../model/need.ts';
import type { TargetKind } from '../../model/scenario.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';
import { bandwidthEffect, linkBandwidthEffect } from './effect.ts';

const needs = (target: TargetKind | undefined): Need[] =>
  target === 'host'
    ? [
        { need: 'root', why: 'change how an interface sends' },
        { need: 'program', program: 'tc', package: 'iproute2' },
        { need: 'kernel', feature: 'tbf' },
      ]
    : [];

/** What is sent at once, and so how exact the rate is within a second: what it makes in so many seconds. */
const burstSeconds = 0.005;
const leastBurstBytes = 3200;

/** A line is narrow. */
export const networkBandwidth = defineFault({
  name: 'network-bandwidth',
  summary: 'No more than so much is sent a second, as over a narrow or a shared line',
  description: `On a proxied link, no more than \`rate\` passes in each direction, all connections of the link together, first come first
served. What is sent faster waits, up to 16 MiB in each direction of a connection; behind that its sender does.

On a host, the kernel lets no more than \`rate\` leave the interface (a token bucket, \`tbf\`). What is sent faster waits for up
to 400 ms, then it is dropped, and TCP slows down. What comes in is not limited: limit it where it is sent.

An interface that somebody else has given a queueing discipline is left alone. A rate that nothing reached had no effect,
and the report says so.`,
  targets: ['proxy', 'host'],
  mechanism: (on) =>
    on === 'host'
      ? { by: 'a token bucket of the kernel (tbf)', cannot: 'what comes in is not limited' }
      : { by: 'the fault proxy' },
  needs,
  parameters: {
    rate: rate({
      description: 'How much may pass a second; on a host headers included.',
      default: '1Mbit/s',
      examples: ['10MB/s', '256kbit/s'],
    }),
    interface: text({
      description:
        'The interface through which packets leave. By default that of the default route, or the only one of a namespace.',
      pattern: '^[^\\s/]{1,15}$',
      optional: true,
      examples: ['eth0', 'lo'],
    }),
  },
  held: true,
  refuses: (target, { interface: device }) =>
    target.kind === 'proxy' && device !== undefined
      ? 'an "interface" is for hosts: this is the proxied link itself'
      : undefined,
  inject({ rate: bytesPerSecond, interface: device }, { id, target }) {
    if (!target) throw new Error('network-bandwidth needs a target');
    if (target.kind === 'proxy') return throughProxy(target, { id, kind: 'bandwidth', settings: { bytesPerSecond } });
    const where = { target: target.id, ...(device === undefined ? {} : { interface: device }) };
    const burst = Math.max(leastBurstBytes, Math.round(bytesPerSecond * burstSeconds));
    const bucket = ['rate', `${Math.round(bytesPerSecond * 8)}bit`, 'burst', String(burst), 'latency', '400ms'];
    return {
      inject: [{ op: 'qdisc-add', ...where, discipline: ['tbf', ...bucket] }],
      undo: [{ op: 'qdisc-delete', ...where }],
    };
  },
  observe: {
    async inForce(sight) {
      if (sight.on === 'proxy') return await proxyBegun(sight, 'what it does shows as bytes pass');
      if (await sight.queue())
        return { seen: 'pending', summary: 'in force: what it does shows as packets leave', figures: {} };
      return { seen: 'unseen', summary: 'the limit is not there', figures: {} };
    },
    total: async (sight, { rate: bytesPerSecond }) =>
      sight.on === 'proxy'
        ? linkBandwidthEffect(await sight.proxy(), bytesPerSecond)
        : bandwidthEffect(await sight.queue(), bytesPerSecond),
    gone: async (sight) =>
      sight.on === 'proxy'
        ? await proxyEnded(sight)
        : (await sight.queue()) === undefined
          ? undefined
          : 'the limit is still there',
  },
  examples: [
    {
      title: 'The line to the database is as narrow as an old DSL',
      step: { inject: 'network-bandwidth', target: 'database-link', with: { rate: '1Mbit/s' }, for: '30s' },
    },
    {
      title: 'The office moves to a mobile connection',
      step: {
        inject: 'network-bandwidth',
        target: 'machine',
        with: { rate: '1Mbit/s', interface: 'eth0' },
        for: '30s',
      },
    },
  ],
});
