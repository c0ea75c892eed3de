import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hideSecrets, MaskedStream, masked, revealed, secretsIn } from '../../src/host/secrets.ts';

const secret = 'p@ss "w/ord" ü';
process.env.CHAOS_TEST_SECRET = secret;
hideSecrets(['CHAOS_TEST_SECRET']);
const reference = '${secret.CHAOS_TEST_SECRET}';

describe('a secret', () => {
  test('is put in where it is referred to, and encoded in a URL', () => {
    expect(
      revealed({ env: { A: `x-${reference}` }, list: [reference], url: `postgres://me:${reference}@host/db` }),
    ).toEqual({
      env: { A: `x-${secret}` },
      list: [secret],
      url: `postgres://me:${encodeURIComponent(secret)}@host/db`,
    });
    expect(secretsIn([{ a: reference }, '${secret.OTHER}'])).toEqual(['CHAOS_TEST_SECRET', 'OTHER']);
  });

  test('that is not there is told by its name', () => {
    expect(() => revealed('${secret.CHAOS_TEST_NONE}')).toThrow('there is no secret CHAOS_TEST_NONE');
  });

  test.each([
    ['as it is', secret],
    ['in JSON', JSON.stringify({ echoed: secret })],
    ['in a URL', `http://x/?q=${encodeURIComponent(secret)}`],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in basic authentication', Buffer.from(`user:${secret}`).toString('base64')],
    ['in basic authentication of a longer name', Buffer.from(`someone:${secret}`).toString('base64')],
    ['between other bytes of base64', Buffer.from(`ab${secret}cd`).toString('base64')],
  ])('is hidden when it comes back %s', (_, text) => {
    const said = masked(`before ${text} after`);
    expect(said).toContain(reference);
    expect(said).not.toContain(secret);
    expect(said).not.toContain(text);
  });

  test('is hidden in a stream wherever that is cut', () => {
    const whole = Buffer.from(`start ${secret}${secret} middle ${encodeURIComponent(secret)} end`);
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 20 }), (cuts) => {
        const mask = new MaskedStream();
        const places = [0, ...cuts.sort((a, b) => a - b), whole.length];
        const pieces = places.slice(1).map((to, index) => mask.add(whole.subarray(places[index], to)));
        const told = Buffer.concat([...pieces, mask.end()]).toString();
        expect(told).toBe(`start ${reference}${reference} middle ${reference} end`);
      }),
    );
  });
});

test('passwords in URLs are hidden, whoever wrote them', () => {
  expect(masked('cannot reach postgres://shop:hunter2@127.0.0.1:5432/shop')).toBe(
    'cannot reach postgres://shop:***@127.0.0.1:5432/shop',
  );
  expect(masked('postgres://shop@127.0.0.1:5432/shop and http://a/b:c@d')).toBe(
    'postgres://shop@127.0.0.1:5432/shop and http://a/b:c@d',
  );
});
