import type { ProxyCounters } from '../../../model/fault.ts';
import type { JsonObject } from '../../../model/json.ts';
import type { Exchange } from '../../protocols/http/exchange.ts';
import type { RequestLine } from '../../protocols/http/head.ts';
import { requestMatcher } from './match.ts';
import { selection } from './selection.ts';

/** Which requests a fault hits, and how many it has seen, was meant for and has hit. */
export class RequestChoice {
  /** Whether a request may be hit, as far as its first line tells. */
  readonly mayHit: (request: RequestLine) => boolean;
  readonly #fits: (asked: Pick<Exchange, 'request' | 'fields'>) => boolean;
  readonly #isHit: () => boolean;
  #requests = 0;
  #matching = 0;
  #chosen = 0;
  #unreadable = 0;
  #notHttp2 = 0;

  /** @throws SettingsError */
  constructor(settings: JsonObject) {
    const { mayFit, fits } = requestMatcher(settings);
    this.mayHit = mayFit;
    this.#fits = fits;
    this.#isHit = selection(settings);
  }

  /** Asked once for each request. @param isFree false: another fault was first */
  hits(asked: Pick<Exchange, 'request' | 'fields'>, isFree = true): boolean {
    this.#requests += 1;
    if (!this.#fits(asked)) return false;
    this.#matching += 1;
    if (!this.#isHit() || !isFree) return false;
    this.#chosen += 1;
    return true;
  }

  /** A connection passes untouched from here on. */
  lost(): void {
    this.#unreadable += 1;
  }

  /** Likewise, on a link with protocol http2. */
  lostHttp2(): void {
    this.#unreadable += 1;
    this.#notHttp2 += 1;
  }

  counters(): ProxyCounters {
    return {
      requests: this.#requests,
      matchingRequests: this.#matching,
      chosenRequests: this.#chosen,
      passedRequests: this.#requests - this.#chosen,
      unreadableConnections: this.#unreadable,
      ...(this.#notHttp2 > 0 ? { notHttp2Connections: this.#notHttp2 } : {}),
    };
  }
}
