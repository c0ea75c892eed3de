import { defineFault } from '../../model/fault.ts';
import { choice, duration, integer, share, text, textMap } from '../../model/field.ts';
import { match, refuseOtherThanHttp, selectionSettings } from '../http-requests/match.ts';
import { proxyBegun, proxyEnded, throughProxy } from '../through-proxy.ts';
import { contradiction } from './contradiction.ts';
import { failureEffect } from './effect.ts';
import { grpcHeaders, grpcStatuses } from './grpc.ts';

/** How the proxy does what `abort` asks for, and how the report says it. */
const aborts = {
  before: { how: 'close', said: 'by a connection that closed without an answer' },
  middle: { how: 'cut', said: 'in the middle of the answer' },
  after: { how: 'cut-behind', said: 'by a connection that closed behind the answer' },
  reset: { how: 'reset', said: 'by a reset of the connection' },
} as const;

/** Requests on a proxied HTTP link fail. */
export const apiFailure = defineFault({
  name: 'api-failure',
  summary: 'A share of the requests on a proxied HTTP link fails, with a status of your choice or a broken connection',
  description: `Reads HTTP/1.1 on the link, or HTTP/2 where its protocol is \`http2\`, and answers some of the requests itself, as a server would that is overloaded, being
deployed or broken. A request that fails with a status never reaches the server: its body is read and thrown away, then
comes the answer, in its turn, and the connection goes on. All other requests and answers pass byte for byte: streams,
uploads, \`Expect: 100-continue\`, upgrades to WebSocket and large bodies as well.

With \`abort\` there is no answer of ours: \`before\` closes the connection where the answer would begin and \`reset\` breaks
it there, and the server gets nothing; \`middle\` lets the server do its work and closes the connection in the middle of
its answer (an answer without a body is withheld whole, and one that ends with its connection is cut by a reset); \`after\`
lets the whole answer pass and closes the connection behind it, though client and server meant to go on with it: what the
client asks next on it fails (where the answer ends with its connection, a reset stands in the place of the end).

Which requests fail is drawn for each in the order in which they come, the same way in every run with the same order.
On a link with protocol \`http2\` (in the clear and from the first byte on, as gRPC without TLS) the link ends HTTP/2 on both
sides, whether or not there is a fault: heads, bodies, trailers, WebSockets and the codes of resets and farewells are the
same, and so is what a server says of how many streams it takes at once and whether WebSockets may be among them. Numbers of
streams, sizes of frames, windows, other settings, pings and priorities are each side's own; nothing is pushed, and neither
extension frames (ALTSVC, ORIGIN) nor a field of more than 64 KiB passes. There a single stream fails, and its connection goes
on: \`before\` refuses it (REFUSED_STREAM), \`reset\`, \`middle\` and \`after\` (behind the body, before trailers and end) reset it (INTERNAL_ERROR), and \`grpc\` ends a call with a
status of gRPC.

A connection of such a link is made to the server once its client has said something; what does not begin as HTTP/2, such as
TLS and HTTP/1.1, passes untouched. On a link with protocol \`http\` so do TLS, HTTP/2 and what follows an upgrade.
Connections that it cannot read are counted. A request whose head was on its way when the fault began passes.`,
  targets: ['proxy'],
  mechanism: () => ({
    by: 'the fault proxy, which reads HTTP',
    cannot: 'what is encrypted, or not what the protocol of the link says, passes untouched',
  }),
  parameters: {
    rate: share({
      description: 'The share of the matching requests that fails; which ones is drawn.',
      default: '50%',
      examples: ['10%', '100%'],
    }),
    status: integer({
      description: 'The status of the answer.',
      default: 503,
      minimum: 200,
      maximum: 599,
      examples: [429, 500],
    }),
    body: text({
      description:
        'The body of the answer; without a `Content-Type` in `headers` it is plain text. Empty when left out.',
      optional: true,
      examples: ['{"error":"try again"}'],
    }),
    headers: textMap({
      description: 'Headers of the answer, beside those that frame it.',
      optional: true,
      examples: [{ 'content-type': 'application/json' }],
    }),
    retryAfter: duration({
      description: 'Tells clients in a `Retry-After` header when to come again, in whole seconds, rounded up.',
      optional: true,
      examples: ['2s'],
    }),
    abort: choice(['before', 'middle', 'after', 'reset'])({
      description:
        'Break the connection instead of answering. `before`: it closes without an answer. `middle`: the answer of the server is cut. `after`: it closes behind the answer of the server. `reset`: it breaks with a TCP reset.',
      optional: true,
      examples: ['reset'],
    }),
    grpc: choice(grpcStatuses)({
      description: 'Lets calls of gRPC fail with this status, on a link with protocol `http2`.',
      optional: true,
      examples: ['UNAVAILABLE'],
    }),
    match,
  },
  held: true,
  refuses: (target, { grpc }) =>
    refuseOtherThanHttp(target) ??
    (grpc !== undefined && target.kind === 'proxy' && target.protocol !== 'http2'
      ? `"${target.id}" carries ${target.protocol}: gRPC needs "protocol: http2"`
      : undefined),
  contradiction,
  inject({ rate, status, body = '', headers = {}, retryAfter, abort, grpc, match }, { id, seed, target }) {
    const answer =
      grpc === undefined
        ? { how: 'answer', status, body, headers: answerHeaders(headers, body, retryAfter) }
        : { how: 'answer', status: 200, body: '', headers: { ...grpcHeaders(grpc), ...headers } };
    const settings = {
      ...selectionSettings(match, rate, seed),
      ...(abort === undefined ? answer : { how: aborts[abort].how }),
    };
    return throughProxy(target, { id, kind: 'http-failure', settings });
  },
  observe: {
    inForce: (sight) => proxyBegun(sight, 'what it does shows as requests pass'),
    total: async (sight, { status, abort, grpc }) =>
      failureEffect(await sight.proxy(), abort === undefined ? `with status ${grpc ?? status}` : aborts[abort].said),
    gone: proxyEnded,
  },
  examples: [
    {
      title: 'Half of all requests meet an overloaded server',
      step: {
        inject: 'api-failure',
        target: 'api-link',
        with: { rate: '50%', status: 503, retryAfter: '1s' },
        for: '10s',
      },
    },
    {
      title: 'The first three payments break off in the middle of their answer',
      step: {
        inject: 'api-failure',
        target: 'api-link',
        with: { rate: '100%', abort: 'middle', match: { method: 'POST', path: '/payments/**', first: 3 } },
        for: '30s',
      },
    },
    {
      title: 'One call of gRPC in five finds the stock unavailable',
      step: {
        inject: 'api-failure',
        target: 'grpc-link',
        with: { rate: '20%', grpc: 'UNAVAILABLE', match: { path: '/shop.Stock/*' } },
        for: '30s',
      },
    },
  ],
});

/** Names that the author gave stand as they are, in whatever case. */
function answerHeaders(headers: Record<string, string>, body: string, retryAfterMs: number | undefined) {
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const isTyped = body === '' || names.has('content-type');
  return {
    ...(isTyped ? {} : { 'Content-Type': 'text/plain; charset=utf-8' }),
    ...(retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)) }),
    ...headers,
  };
}
