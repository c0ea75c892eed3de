import type { JsonObject, JsonValue } from '../../model/json.ts';
import { ApiError, missingField } from './api-error.ts';
import { flagIn, listIn, member, numberIn, objectIn, textIn, wholeNumberIn } from './body.ts';
import type { ProxyOrder } from './proxies.ts';
import type { ToxicView } from './toxic.ts';
import { type Attributes, type Stream, type ToxicType, toxicTypes } from './toxic-types.ts';

/** What stands in the bodies of requests. Each throws {@link ApiError}. */

/** A proxy to be created. `which` tells it from others in one body. */
export function proxyOrder(value: JsonValue, which = ''): ProxyOrder {
  const body = objectIn(value, 'a proxy');
  const name = textIn(body, 'name') ?? '';
  const upstream = textIn(body, 'upstream') ?? '';
  if (name === '') throw missingField(`name${which}`);
  if (upstream === '') throw missingField(`upstream${which}`);
  return { name, upstream, listen: textIn(body, 'listen') ?? '', enabled: flagIn(body, 'enabled') ?? true };
}

export const proxyOrders = (value: JsonValue): ProxyOrder[] =>
  listIn(value).map((one, index) => proxyOrder(one, ` at proxy ${index + 1}`));

export function proxyChange(
  value: JsonValue,
  before: { listen: string; upstream: string; enabled: boolean },
): Omit<ProxyOrder, 'name'> {
  const body = objectIn(value);
  return {
    listen: textIn(body, 'listen') ?? before.listen,
    upstream: textIn(body, 'upstream') ?? before.upstream,
    enabled: flagIn(body, 'enabled') ?? before.enabled,
  };
}

export function toxicOrder(value: JsonValue): ToxicView {
  const body = objectIn(value);
  const toxicity = numberIn(body, 'toxicity') ?? 1;
  const written = textIn(body, 'stream') ?? 'downstream';
  const stream = written.toLowerCase();
  if (!isStream(stream)) throw new ApiError('stream was invalid, can be either upstream or downstream', 400);
  const type = toxicTypes.get(textIn(body, 'type') ?? '');
  if (!type) throw new ApiError('invalid toxic type', 400);
  const name = textIn(body, 'name') || `${type.type}_${written}`;
  return { attributes: attributesIn(body, type, {}), name, type: type.type, stream, toxicity };
}

/** What is left out stays as it was. */
export function toxicChange(value: JsonValue, before: ToxicView): Pick<ToxicView, 'attributes' | 'toxicity'> {
  const body = objectIn(value);
  const attributes = attributesIn(body, toxicTypes.get(before.type)!, before.attributes);
  return { attributes, toxicity: numberIn(body, 'toxicity') ?? before.toxicity };
}

function attributesIn(body: JsonObject, type: ToxicType, before: Attributes): Attributes {
  const given = objectIn(member(body, 'attributes') ?? null, 'attributes');
  return Object.fromEntries(
    Object.keys(type.attributes).map((name) => [name, wholeNumberIn(given, name) ?? before[name] ?? 0]),
  );
}

const isStream = (text: string): text is Stream => text === 'upstream' || text === 'downstream';
