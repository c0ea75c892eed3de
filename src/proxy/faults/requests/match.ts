import type { JsonObject } from '../../../model/json.ts';
import type { Exchange } from '../../protocols/http/exchange.ts';
import type { RequestLine } from '../../protocols/http/head.ts';
import { optionalTextMap, optionalTexts, textOf } from '../settings.ts';
import { pathMatcher } from './glob.ts';

/** Which requests a fault is meant for. */
export interface RequestMatcher {
  /** Whether it may be one, as far as its first line tells. */
  mayFit(request: RequestLine): boolean;
  fits(asked: Pick<Exchange, 'request' | 'fields'>): boolean;
}

/** All that is given must fit. @throws SettingsError */
export function requestMatcher(settings: JsonObject): RequestMatcher {
  const methods = optionalTexts(settings, 'methods');
  const path = settings.path === undefined ? undefined : pathMatcher(textOf(settings, 'path'));
  const fields = Object.entries(optionalTextMap(settings, 'header')).map(
    ([name, text]) => [name.toLowerCase(), text] as const,
  );
  const mayFit = ({ method, target }: RequestLine): boolean =>
    (methods === undefined || methods.includes(method)) && (path === undefined || path(pathOf(target)));
  return {
    mayFit,
    fits: ({ request, fields: sent }) =>
      mayFit(request) && fields.every(([name, text]) => sent.get(name)?.includes(text)),
  };
}

/** Without query, and without scheme and host, which stand there when a request was written for a forward proxy. */
function pathOf(target: string): string {
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(target);
  const rest = absolute ? target.slice(absolute[0].length) : target;
  const path = /^[^?#]*/.exec(rest)![0];
  return path === '' ? '/' : path;
}
