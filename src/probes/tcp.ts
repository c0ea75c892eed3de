import { defineProbe, type ProbeSession } from '../model/probe.ts';
import { type Address, address, parseAddress } from './address.ts';
import { networkFailure } from './reasons/network.ts';

/** Connects to a port. */
export const tcp = defineProbe({
  kind: 'tcp',
  summary: 'Connects to a port',
  description: `Good when the connection is made; it is closed at once and nothing is sent.

It says little: the kernel takes connections for a process that is paused or hangs. Prefer a probe that asks for an answer.`,
  settings: { address },
  shorthand: 'address',
  expect: {},
  refuses: (settings) =>
    parseAddress(settings.address) ? undefined : `the port of ${settings.address} is not one from 1 to 65535`,
  reaches: (settings) => parseAddress(settings.address),
  open: (settings) => openTcp(parseAddress(settings.address)!, settings.address),
  examples: [
    { title: 'Does something listen?', probe: { tcp: '127.0.0.1:5432' } },
    { title: 'Every 200 ms', probe: { tcp: { address: 'localhost:6379' }, every: '200ms', timeout: '500ms' } },
  ],
});

async function openTcp({ host, port }: Address, written: string): Promise<ProbeSession> {
  const { connect } = await import('node:net');
  return {
    sample: (signal) =>
      new Promise((resolve) => {
        const socket = connect({ host, port, signal });
        socket.once('connect', () => {
          resolve({ good: true });
          socket.destroy();
        });
        // A late error (a reset of what is closed already) changes nothing.
        socket.on('error', (error) => resolve(networkFailure(error, written)));
      }),
    close: async () => {},
  };
}
