import { chance } from '../../model/chance.ts';
import type { ProxyCounters } from '../../model/fault.ts';
import type { JoinedConnection, LinkFault, Parts, Tools } from '../faults/fault.ts';
import { faultKinds } from '../faults/registry.ts';
import { Slot } from './slot.ts';
import type { Attributes, Stream, ToxicType } from './toxic-types.ts';

/** A toxic as a client knows it. */
export interface ToxicView {
  attributes: Attributes;
  name: string;
  type: string;
  stream: Stream;
  toxicity: number;
}

/**
 * A toxic on a proxy: a fault of ours on the share `toxicity` of its connections, which are drawn once each. It can be
 * changed while data flows, without leaving its place among the others.
 */
export class Toxic implements LinkFault {
  readonly #type: ToxicType;
  readonly #seed: string;
  readonly #tools: Tools;
  #view: ToxicView;
  #fault: LinkFault | undefined;
  /** Grows when the fault becomes another one. */
  #generation = 0;

  constructor(type: ToxicType, view: ToxicView, { seed, ...tools }: Tools & { seed: string }) {
    this.#type = type;
    this.#seed = `${seed}/${view.name}`;
    this.#tools = tools;
    this.#view = view;
    this.#fault = this.#begin();
  }

  get view(): ToxicView {
    return this.#view;
  }

  /** The link is to be told: `link.changed(toxic)`. */
  change(changed: Pick<ToxicView, 'attributes' | 'toxicity'>): void {
    this.#view = { ...this.#view, ...changed };
    const settings = this.#settings()?.settings;
    if (this.#fault?.change && settings) {
      this.#fault.change(settings);
    } else {
      this.#fault = this.#begin();
      this.#generation += 1;
    }
  }

  join(connection: JoinedConnection): Parts {
    const draw = chance(`${this.#seed}/${connection.number}/toxicity`)();
    const slot = new Slot();
    let generation = this.#generation;
    const parts = () => (draw < this.#view.toxicity ? this.#fault?.join(connection) : undefined);
    slot.put(parts());
    return {
      near: 'receiver',
      upstream: undefined,
      downstream: undefined,
      [this.#view.stream]: slot,
      leave: () => slot.leave(),
      changed: () => {
        const isSame = generation === this.#generation && slot.isFilled === draw < this.#view.toxicity;
        generation = this.#generation;
        if (isSame) slot.changed();
        else slot.put(parts());
      },
    };
  }

  counters(): ProxyCounters {
    return this.#fault?.counters() ?? { inForce: 1 };
  }

  #settings() {
    return this.#type.fault(this.#view.attributes, this.#view.stream, this.#seed);
  }

  #begin(): LinkFault | undefined {
    const fault = this.#settings();
    return fault && faultKinds.get(fault.kind)!.begin(fault.settings, this.#tools);
  }
}
