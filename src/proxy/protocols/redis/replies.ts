import { type FrameVisitor, RespFraming, type Shape } from './framing.ts';

const code = (letter: string): number => letter.charCodeAt(0);
const shapes = new Map<number, Shape>([
  ...[...'+-:_#,('].map((letter) => [code(letter), 'line'] as const),
  ...[...'$!='].map((letter) => [code(letter), 'bulk'] as const),
  ...[...'*~>%|'].map((letter) => [code(letter), 'counted'] as const),
]);
const [map, attribute, push] = [code('%'), code('|'), code('>')];
/** Deeper than any server nests. */
const deepest = 1000;

export interface Reply {
  isError: boolean;
  /** Where its last element begins, or the given bytes if it began before them. */
  offset: number;
}

/** Finds the replies of a server. Pushes (RESP3) answer nothing, and are none. */
export class Replies implements FrameVisitor {
  readonly #framing = new RespFraming(this);
  readonly #answered: (reply: Reply) => 'stop' | 'malformed' | undefined;
  /** The aggregates that are open, outermost first, and how many elements each still waits for. */
  readonly #open: { type: number; left: number }[] = [];
  #offset = 0;

  constructor(answered: (reply: Reply) => 'stop' | 'malformed' | undefined) {
    this.#answered = answered;
  }

  /** How many bytes at least are to come of the present frame; 0: there is none. */
  get bytesLeft(): number {
    return this.#framing.bytesLeft;
  }

  walk(bytes: Buffer): 'malformed' | undefined {
    this.#offset = 0;
    return this.#framing.walk(bytes);
  }

  begins(type: number, offset: number): Shape | undefined {
    this.#offset = offset;
    return shapes.get(type);
  }

  ends(type: number, number: number): 'stop' | 'malformed' | undefined {
    if (shapes.get(type) !== 'counted') return this.#element(type);
    const elements = type === map || type === attribute ? 2 * number : number;
    if (elements <= 0) return type === attribute ? undefined : this.#element(type);
    if (this.#open.length === deepest) return 'malformed';
    this.#open.push({ type, left: elements });
    return undefined;
  }

  /** An element is whole, and with it what it is the last one of. */
  #element(type: number): 'stop' | 'malformed' | undefined {
    let whole = type;
    for (let around = this.#open.at(-1); around; around = this.#open.at(-1)) {
      around.left -= 1;
      if (around.left > 0) return undefined;
      this.#open.pop();
      if (around.type === attribute) return undefined; // it only precedes what it is about
      whole = around.type;
    }
    if (whole === push) return undefined;
    return this.#answered({ isError: whole === code('-') || whole === code('!'), offset: this.#offset });
  }
}
