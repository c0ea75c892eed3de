import { defineProbe } from '../../model/probe.ts';
import { addressOfUrl } from '../address.ts';
import { httpExpectation, httpSettings } from './fields.ts';
import { whyNoRequest } from './refusal.ts';

/** Asks an HTTP server. */
export const http = defineProbe({
  kind: 'http',
  summary: 'Asks an HTTP server and judges the status and the body of its answer',
  description: `Sends one request and reads the whole answer: a server that sends its headers and then stalls has not
answered. What is good is said by \`expect\`; by default any status 2xx.

Connections are kept and used again for a second, as a client's would be, and there are as many as there are answers that
wait: a slow answer never delays the next question. Nothing is asked twice, redirects are not followed, and no proxy of
the environment is used. The first 1 MiB of a body is looked at.`,
  settings: httpSettings,
  shorthand: 'url',
  expect: httpExpectation,
  refuses: (settings) => whyNoRequest(settings),
  reaches: ({ url }) => addressOfUrl(url, url.startsWith('https:') ? 443 : 80),
  async open(settings, expect) {
    const { openHttp } = await import('./session.ts');
    return openHttp(settings, expect);
  },
  examples: [
    { title: 'Any status 2xx is good', probe: { http: 'http://127.0.0.1:7080/health' } },
    {
      title: 'A service that says how it is',
      probe: {
        http: { url: 'http://127.0.0.1:7080/health', headers: { accept: 'application/json' } },
        every: '500ms',
        timeout: '2s',
        expect: { status: 200, json: { '$.status': 'ok', '$.checks[*].up': true } },
      },
    },
    {
      title: 'A search, by POST',
      probe: {
        http: { url: 'http://127.0.0.1:7080/search', method: 'POST', body: { text: 'tea' } },
        expect: { status: [200, 204], contains: 'results' },
      },
    },
  ],
});
