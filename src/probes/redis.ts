import { list, text } from '../model/field.ts';
import { defineProbe } from '../model/probe.ts';
import { addressOfUrl } from './address.ts';
import { connections, redisUrl, rowsExpectation, whyNoUrl } from './databases/fields.ts';
import { questionSession } from './databases/session.ts';

/** Asks a Redis database. */
export const redis = defineProbe({
  kind: 'redis',
  summary: 'Asks a Redis database',
  description: `Sends one command over a connection of a pool of its own. Good when the server answers it with anything but an error,
and as \`expect\` says. A list is as many rows as it has elements; nothing (nil) is no row. A password never stands in a
reason.`,
  settings: {
    url: redisUrl,
    command: list(text({ description: 'A word of it.' }))({
      description: 'What is asked: the words of a command.',
      default: ['PING'],
      examples: [
        ['GET', 'orders:open'],
        ['LLEN', 'jobs'],
      ],
    }),
    connections,
  },
  shorthand: 'url',
  expect: rowsExpectation,
  refuses: ({ url, command }) =>
    command.length === 0 ? 'this redis probe asks nothing: its command is empty' : whyNoUrl(url, 'redis'),
  reaches: ({ url }) => addressOfUrl(url, 6379),
  async open(settings, expect, context) {
    const { openRedis } = await import('./databases/redis.ts');
    const { url, command, connections } = settings;
    return questionSession(await openRedis(url, connections, context.timeout), command, expect);
  },
  examples: [
    { title: 'Does it answer?', probe: { redis: 'redis://127.0.0.1:6379' } },
    {
      title: 'No job waits for long',
      probe: { redis: { url: 'redis://127.0.0.1:6379', command: ['LLEN', 'jobs'] }, expect: { value: 0 } },
    },
  ],
});
