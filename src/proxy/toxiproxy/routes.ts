import type { JsonValue } from '../../model/json.ts';
import { parseBody } from './body.ts';
import type { Proxies } from './proxies.ts';
import { proxyChange, proxyOrder, proxyOrders, toxicChange, toxicOrder } from './requests.ts';

/** What is answered. Without a body nothing is sent but the status. */
export interface Answer {
  status: number;
  body?: unknown;
}

interface Asked {
  proxies: Proxies;
  /** The parts of the path that are names. */
  proxy: string;
  toxic: string;
  body(): JsonValue;
}

type Handler = (asked: Asked) => Answer | Promise<Answer>;

/** Toxiproxy's HTTP API, version 2. `:proxy` and `:toxic` stand for names. */
const routes: readonly { path: string; methods: Record<string, Handler> }[] = [
  {
    path: '/proxies',
    methods: {
      GET: ({ proxies }) => ok(Object.fromEntries(proxies.all().map((one) => [one.name, one.view]))),
      POST: async ({ proxies, body }) => ({ status: 201, body: (await proxies.create(proxyOrder(body()))).view }),
    },
  },
  {
    path: '/proxies/:proxy',
    methods: {
      GET: ({ proxies, proxy }) => ok(proxies.get(proxy).view),
      ...toUpdate(async ({ proxies, proxy, body }) => {
        const updated = await proxies.update(proxy, (before) => proxyChange(body(), before));
        return ok(updated.view);
      }),
      DELETE: async ({ proxies, proxy }) => {
        await proxies.delete(proxy);
        return done;
      },
    },
  },
  {
    path: '/proxies/:proxy/toxics',
    methods: {
      GET: ({ proxies, proxy }) => ok(proxies.get(proxy).toxics()),
      POST: ({ proxies, proxy, body }) => ok(proxies.get(proxy).add(toxicOrder(body())).view),
    },
  },
  {
    path: '/proxies/:proxy/toxics/:toxic',
    methods: {
      GET: ({ proxies, proxy, toxic }) => ok(proxies.get(proxy).toxic(toxic).view),
      ...toUpdate(({ proxies, proxy, toxic, body }) => {
        const on = proxies.get(proxy);
        const { view } = on.toxic(toxic);
        return ok(on.change(toxic, toxicChange(body(), view)).view);
      }),
      DELETE: ({ proxies, proxy, toxic }) => {
        proxies.get(proxy).remove(toxic);
        return done;
      },
    },
  },
  { path: '/populate', methods: { POST: populate } },
  {
    path: '/reset',
    methods: {
      POST: async ({ proxies }) => {
        await proxies.reset();
        return done;
      },
    },
  },
];

const done: Answer = { status: 204 };
const ok = (body: unknown): Answer => ({ status: 200, body });

/** POST is what older clients use. */
function toUpdate(handler: Handler): Record<string, Handler> {
  return { POST: handler, PATCH: handler };
}

async function populate({ proxies, body }: Asked): Promise<Answer> {
  const { proxies: made, error } = await proxies.populate(proxyOrders(body()));
  const views = made.map(({ view }) => view);
  return error
    ? { status: error.status, body: { error: error.message, status: error.status, proxies: views } }
    : { status: 201, body: { proxies: views } };
}

/**
 * Does what a request asks for.
 * @returns `no-route` or `no-method` when the API has no such thing
 * @throws ApiError
 */
export async function route(
  proxies: Proxies,
  { method, path, text }: { method: string; path: string; text: string },
): Promise<Answer | 'no-route' | 'no-method'> {
  for (const { path: pattern, methods } of routes) {
    const names = match(pattern, path);
    if (!names) continue;
    const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!handler) return 'no-method';
    return await handler({ proxies, proxy: '', toxic: '', ...names, body: () => parseBody(text) });
  }
  return 'no-route';
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const found = path.split('/');
  if (wanted.length !== found.length) return undefined;
  const names: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith(':') && found[index] !== '') names[part.slice(1)] = decoded(found[index]!);
    else if (part !== found[index]) return undefined;
  }
  return names;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
