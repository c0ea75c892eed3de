import { expect, test } from 'vitest';
import { connectionReset } from '../../src/injectors/connection-reset/index.ts';
import { ofThoseDrawn } from '../../src/injectors/links.ts';
import { networkCorrupt } from '../../src/injectors/network-corrupt/index.ts';
import { networkLoss } from '../../src/injectors/network-loss/index.ts';
import { networkPartition } from '../../src/injectors/network-partition/index.ts';
import type { Effect, Fault, ProxyCounters } from '../../src/model/fault.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { decodeFields } from '../../src/parser/decode.ts';
import { proxyTarget } from '../proxy/support/on-proxy.ts';

/** What the proxy is asked for on a link, with these parameters as an author writes them. */
function asked(fault: Fault, written: JsonObject): { kind: string; settings: JsonObject } {
  const parameters = decodeFields(fault.parameters, written) as never;
  const { inject } = fault.inject(parameters, { id: 'harm', seed: 'seed', target: proxyTarget('link', 'tcp') });
  const [action] = inject;
  if (action?.op !== 'proxy-add') throw new Error('it does nothing to the link');
  return action.fault;
}

test.each([
  [networkLoss, { rate: '10%' }, 'loss'],
  [networkCorrupt, { rate: '10%' }, 'corrupt'],
  [networkPartition, {}, 'blackhole'],
  [networkPartition, { mode: 'reject' }, 'reset'],
])('$name works on the share of connections that was asked for, drawn from the seed', (fault, written, kind) => {
  expect(asked(fault, { ...written, share: '30%' })).toMatchObject({ kind, settings: { share: 0.3, seed: 'seed' } });
  expect(asked(fault, written)).toMatchObject({ kind, settings: { share: 1 } });
});

test.each([
  [networkLoss, { rate: '10%' }],
  [networkPartition, {}],
])('$name on a link takes the words of links and those of hosts', (fault, written) => {
  for (const [ofHosts, ofLinks] of [
    ['in', 'downstream'],
    ['out', 'upstream'],
  ] as const)
    for (const direction of [ofHosts, ofLinks])
      expect(asked(fault, { ...written, direction }).settings.direction).toBe(ofLinks);
});

test('connection-reset counts what the server sends, or what was asked for', () => {
  expect(asked(connectionReset, { afterBytes: '1KiB' }).settings).toMatchObject({ direction: 'downstream' });
  const upstream = { afterBytes: '1KiB', direction: 'upstream' };
  expect(asked(connectionReset, upstream).settings).toMatchObject({ afterBytes: 1024, direction: 'upstream' });
});

test('of a share that met nobody it is said who was there all the same', () => {
  const effect = ({ bytes = 0 }: ProxyCounters): Effect => ({
    seen: bytes > 0 ? 'seen' : 'unseen',
    summary: bytes > 0 ? 'it was narrow' : 'no bytes passed',
    figures: { bytes },
  });
  expect(ofThoseDrawn({ bytes: 0 }, effect)).toEqual(effect({ bytes: 0 }));
  expect(ofThoseDrawn({ bytes: 0, sparedConnections: 2 }, effect)).toEqual({
    seen: 'unseen',
    summary: '2 connections not drawn; of the others: no bytes passed',
    figures: { bytes: 0, sparedConnections: 2 },
  });
  expect(ofThoseDrawn({ bytes: 1, sparedConnections: 2 }, effect)).toMatchObject({ summary: 'it was narrow' });
});
