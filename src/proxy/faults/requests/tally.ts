import type { ProxyCounters } from '../../../model/fault.ts';

/** How many requests a fault has seen, and how many of them it was meant for. */
export class RequestTally {
  #requests = 0;
  #matching = 0;
  #chosen = 0;
  #unreadable = 0;
  #notHttp2 = 0;

  seen(): void {
    this.#requests += 1;
  }

  matched(): void {
    this.#matching += 1;
  }

  chose(): void {
    this.#chosen += 1;
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
