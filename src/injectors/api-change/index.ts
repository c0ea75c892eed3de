import { defineFault } from '../../model/fault.ts';
import { list, record, share, text, textMap } from '../../model/field.ts';
import { match, refuseOtherThanHttp, selectionSettings } from '../http-requests/match.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';
import { contradiction } from './contradiction.ts';
import { changeEffect } from './effect.ts';

const changes = record({
  set: textMap({
    description: 'Headers that have this value, and no other.',
    optional: true,
    examples: [{ 'cache-control': 'no-store' }],
  }),
  add: textMap({
    description: 'Headers that stand there once more, beside those of the same name.',
    optional: true,
    examples: [{ 'set-cookie': 'session=expired' }],
  }),
  remove: list(text({ description: 'The name of a header.', minLength: 1 }))({
    description: 'Headers that are left out.',
    optional: true,
    examples: [['etag']],
  }),
});

/** Requests and answers on a proxied HTTP link lose headers, or get others. */
export const apiChange = defineFault({
  name: 'api-change',
  summary: 'Headers of requests or responses on a proxied HTTP link are set, added or removed',
  description: `Reads HTTP/1.1 on the link and changes the heads of some requests, of their responses, or both: a lost
\`Authorization\` or trace header, a wrong \`Content-Type\`, a cache that may not keep anything, a cookie that expired.
First headers are removed, then set, then added; case does not matter in their names. All else stays as it was, byte for
byte: the order of the other headers, bodies, streams, \`Expect: 100-continue\` and upgrades as well.

What frames a message (\`Content-Length\`, \`Transfer-Encoding\`, \`Connection\`, \`Upgrade\`, \`Expect\`, …) cannot be
changed. Interim responses (\`100 Continue\`) and those that another fault gives or cuts are not. It does not see into TLS,
HTTP/2 and what follows an upgrade, which pass untouched; connections that it cannot read are counted. A request whose
head was on its way when the fault began passes.`,
  targets: ['proxy'],
  mechanism: () => ({
    by: 'the fault proxy, which reads HTTP/1.1',
    cannot: 'what is encrypted, or HTTP/2, passes untouched',
  }),
  parameters: {
    request: changes({
      description: 'What is changed in the head of a request.',
      optional: true,
      examples: [{ remove: ['authorization'] }],
    }),
    response: changes({
      description: 'What is changed in the head of its response.',
      optional: true,
      examples: [{ set: { 'content-type': 'text/html' } }],
    }),
    rate: share({
      description: 'The share of the matching requests that is changed, or whose responses are; which ones is drawn.',
      default: '100%',
      examples: ['10%'],
    }),
    match,
  },
  held: true,
  refuses: (target) =>
    target.kind === 'proxy' && target.protocol === 'http2'
      ? `"${target.id}" carries http2, and headers are changed in HTTP/1.1 only`
      : refuseOtherThanHttp(target),
  contradiction,
  inject({ request = {}, response = {}, rate, match }, { id, seed, target }) {
    const settings = {
      ...selectionSettings(match, rate, seed),
      request: settingsOf(request),
      response: settingsOf(response),
    };
    return throughProxy(target, { id, kind: 'http-change', settings });
  },
  observe: {
    inForce: (sight) => proxyBegun(sight, 'what it does shows as requests pass'),
    total: async (sight) => changeEffect(await sight.proxy()),
    gone: proxyEnded,
  },
  examples: [
    {
      title: 'A gateway loses the credentials of one request in ten',
      step: {
        inject: 'api-change',
        target: 'api-link',
        with: { rate: '10%', request: { remove: ['authorization'] } },
        for: '30s',
      },
    },
    {
      title: 'Orders come as something that is no JSON',
      step: {
        inject: 'api-change',
        target: 'api-link',
        with: { response: { set: { 'content-type': 'text/html' } }, match: { path: '/orders/**' } },
        for: '10s',
      },
    },
  ],
});

interface Changes {
  set?: Record<string, string> | undefined;
  add?: Record<string, string> | undefined;
  remove?: string[] | undefined;
}

const settingsOf = ({ set = {}, add = {}, remove = [] }: Changes) => ({ set, add, remove });
