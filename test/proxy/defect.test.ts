import { afterEach, expect, test, vi } from 'vitest';
import type { LinkFault } from '../../src/proxy/faults/fault.ts';
import type { Stage } from '../../src/proxy/flow/stage.ts';
import { unplaced } from '../../src/proxy/flow/stage.ts';
import { Budget } from '../../src/proxy/links/budget.ts';
import { Link } from '../../src/proxy/links/link.ts';
import { dial, fate, portOf, read, serve } from './support/rig.ts';

afterEach(() => vi.restoreAllMocks());

test('a defect of ours breaks the connection in which it shows, says so, and leaves the others alone', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  const server = await serve((socket) => void socket.pipe(socket));
  const { link, bound } = await Link.open(
    { proxy: 'link', listen: '127.0.0.1:0', upstream: `127.0.0.1:${server.port}`, protocol: 'tcp' },
    new Budget(),
  );
  link.add(brokenFault());
  const [unlucky, other] = [await dial(portOf(bound)), await dial(portOf(bound))];
  unlucky.write('boom');
  expect(await fate(unlucky)).toBe('reset');
  other.write('ping');
  expect(String(await read(other, 4))).toBe('ping');
  expect(said).toHaveBeenCalledWith(expect.stringContaining('a defect of the fault proxy'), expect.any(Error));
  other.destroy();
  link.close();
  await server.close();
});

function brokenFault(): LinkFault {
  const stage = (): Stage => ({
    next: unplaced,
    heldBytes: 0,
    take(item) {
      if (item.kind === 'bytes' && String(item.bytes) === 'boom') throw new Error('a defect');
      this.next.take(item);
    },
    release() {},
    drop() {},
  });
  return { join: () => ({ near: 'wire', upstream: stage(), downstream: undefined }), counters: () => ({}) };
}
