import { expect, it } from 'vitest';
import { Exchanges } from '../../src/proxy/protocols/http/exchanges.ts';

it('whether a head in pieces may be altered is asked once its first line is known, and not again', () => {
  const exchanges = new Exchanges({ isClogged: () => false, onReleased() {} });
  const sent: string[] = [];
  exchanges.requests.next = { take: (item) => void (item.kind === 'bytes' && sent.push(String(item.bytes))) };
  let asked = 0;
  exchanges.watch({
    asked() {},
    lost() {},
    mayAlter({ target }) {
      asked += 1;
      return target === '/may';
    },
  });
  const inPieces = (text: string) => {
    for (const character of text) exchanges.requests.take({ kind: 'bytes', bytes: Buffer.from(character) });
  };
  const head = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
  inPieces(head('/may'));
  expect([asked, sent.join('')]).toEqual([1, head('/may')]);
  expect(sent).toHaveLength(1);
  inPieces(head('/not'));
  expect([asked, sent.slice(1).join('')]).toEqual([2, head('/not')]);
  expect(sent.length).toBeGreaterThan(10);
});
