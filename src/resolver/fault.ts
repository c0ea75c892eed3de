import { isIPv6 } from 'node:net';
import { chance } from '../model/chance.ts';
import type { ProxyCounters } from '../model/fault.ts';
import type { JsonObject } from '../model/json.ts';
import { numberWithin, oneOf, optionalTexts, textOf } from '../proxy/faults/settings.ts';
import { answerTo } from './message/answer.ts';
import { nameMatcher } from './message/names.ts';
import { type Query, recordType } from './message/query.ts';

/** What becomes of a query: it is answered by us, never answered, or goes on to its nameserver. */
export type Verdict = Buffer | 'silence' | 'forward';

const modes = ['nxdomain', 'servfail', 'timeout', 'delay', 'wrong-address'] as const;

/** Who waits may be many, but not without end: what comes on top is lost, as in a nameserver whose queue is full. */
const mostHeld = 10_000;

/** One fault in force, and what it did. */
export class DnsFault {
  readonly #mode: (typeof modes)[number];
  readonly #latencyMs: number;
  readonly #addresses: string[];
  readonly #nameservers: string[] | undefined;
  readonly #isMeant: (labels: string[]) => boolean;
  readonly #isDrawn: () => boolean;
  readonly #held = new Set<() => void>();
  #counts = { queries: 0, matchingQueries: 0, hitQueries: 0, delayedQueries: 0, delaySumMs: 0, delayMaxMs: 0 };

  /** @throws SettingsError */
  constructor(settings: JsonObject) {
    this.#mode = oneOf(settings, 'mode', modes);
    this.#latencyMs = this.#mode === 'delay' ? numberWithin(settings, 'latencyMs', 0, 2 ** 31 - 1) : 0;
    this.#addresses = optionalTexts(settings, 'addresses') ?? [];
    this.#nameservers = optionalTexts(settings, 'nameservers');
    this.#isMeant = nameMatcher(optionalTexts(settings, 'names') ?? ['*']);
    const rate = numberWithin(settings, 'rate', 0, 1);
    const draw = chance(textOf(settings, 'seed'));
    this.#isDrawn = () => draw() < rate;
  }

  /** @param query `undefined` when it could not be read @param nameserver whom it was meant for */
  async judge(query: Query | undefined, nameserver: string): Promise<Verdict> {
    if (this.#nameservers && !this.#nameservers.includes(nameserver)) return 'forward';
    this.#counts.queries += 1;
    if (!query || !this.#isMeant(query.labels) || !this.#canBeHit(query)) return 'forward';
    this.#counts.matchingQueries += 1;
    if (!this.#isDrawn()) return 'forward';
    this.#counts.hitQueries += 1;
    switch (this.#mode) {
      case 'nxdomain':
      case 'servfail':
        return answerTo(query, this.#mode);
      case 'timeout':
        return 'silence';
      case 'delay':
        return await this.#hold();
      case 'wrong-address':
        return answerTo(
          query,
          'noError',
          this.#addresses.filter((one) => typeOf(one) === query.type),
        );
    }
  }

  /** So far. */
  counters(): ProxyCounters {
    return { ...this.#counts };
  }

  /** What is held goes on at once. */
  release(): void {
    for (const letGo of [...this.#held]) letGo();
  }

  /** Only a question for an address can be answered with a wrong one. */
  #canBeHit({ type }: Query): boolean {
    return this.#mode !== 'wrong-address' || type === recordType.a || type === recordType.aaaa;
  }

  async #hold(): Promise<Verdict> {
    if (this.#held.size >= mostHeld) return 'silence';
    const beganMs = performance.now();
    await new Promise<void>((resolve) => {
      const letGo = () => {
        clearTimeout(timer);
        this.#held.delete(letGo);
        resolve();
      };
      const timer = setTimeout(letGo, this.#latencyMs);
      this.#held.add(letGo);
    });
    const heldMs = performance.now() - beganMs;
    this.#counts.delayedQueries += 1;
    this.#counts.delaySumMs += heldMs;
    this.#counts.delayMaxMs = Math.max(this.#counts.delayMaxMs, heldMs);
    return 'forward';
  }
}

const typeOf = (address: string): number => (isIPv6(address) ? recordType.aaaa : recordType.a);
