import type { Decoded } from '../../model/field.ts';
import { either, integer, list, record, text, textMap } from '../../model/field.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Target } from '../../model/scenario.ts';

const method = { pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" };

/** Parameters that the faults on single requests share. */
const fields = {
  method: either(
    text({ description: 'One method.', ...method, examples: ['GET'] }),
    list(text({ description: 'One method.', ...method, examples: ['GET'] }))({ description: 'Several methods.' }),
  )({
    description: 'Only requests with this method, or one of these, written as clients send it.',
    optional: true,
    examples: ['GET', ['PUT', 'POST']],
  }),
  path: text({
    description:
      'Only requests whose path fits, without its query: `*` stands for anything but a slash, `**` for anything, `?` for one character.',
    optional: true,
    pattern: '^[/*]',
    examples: ['/orders/*'],
  }),
  header: textMap({
    description:
      'Only requests that have each of these headers, with this text somewhere in its value. Over HTTP/2 `host` is the authority.',
    optional: true,
    examples: [{ 'x-tenant': 'acme' }],
  }),
  first: integer({
    description: 'Only the first N requests that match.',
    optional: true,
    minimum: 1,
    examples: [3],
  }),
  every: integer({
    description: 'Every Nth request that matches, instead of a share of them: 3 hits the 3rd, the 6th, …',
    optional: true,
    minimum: 1,
    examples: [3],
  }),
};

export const match = record(fields)({
  description: 'Which requests it is meant for: all that is given must fit. Without it, every request.',
  default: {},
  examples: [{ method: 'GET', path: '/orders/*' }],
});

export type Match = Decoded<typeof fields>;

/** What the proxy is told of the requests that are meant. `seed`: the same one chooses the same requests. */
export function selectionSettings({ method, path, header, first, every }: Match, share: number, seed: string) {
  return given({
    methods: method === undefined ? undefined : [method].flat(),
    path,
    header,
    first,
    every,
    rate: every === undefined ? share : undefined,
    seed,
  });
}

/** The parameter of this name, a share, and `match.every` both say how many are hit. */
export const contradictsEvery =
  (share: string) =>
  (written: JsonObject): string | undefined => {
    const { match } = written;
    const hasEvery = typeof match === 'object' && match !== null && Object.hasOwn(match, 'every');
    return Object.hasOwn(written, share) && hasEvery
      ? `"${share}" and "every" both say which of the requests are hit: leave one of them out`
      : undefined;
  };

/** @returns why single requests cannot be told apart on this target */
export function refuseOtherThanHttp(target: Target): string | undefined {
  if (target.kind !== 'proxy' || target.protocol === 'http' || target.protocol === 'http2') return undefined;
  return `"${target.id}" carries plain ${target.protocol}: add "protocol: http" (or http2) under its "proxy", so that requests can be told apart`;
}

/** Without the keys that have no value. */
const given = (settings: Record<string, JsonValue | undefined>): JsonObject =>
  Object.fromEntries(Object.entries(settings).filter((one): one is [string, JsonValue] => one[1] !== undefined));
