import { Beginning, statementBytes } from '../beginning.ts';
import { type FrameVisitor, RespFraming, type Shape } from './framing.ts';

const [array, bulk] = [0x2a, 0x24];
const space = Buffer.from(' ');
/** More arguments than any server takes. */
const mostArguments = 2 ** 31;

/** Finds the commands of a client: arrays of bulks, or lines as somebody types them. */
export class Commands implements FrameVisitor {
  readonly #framing = new RespFraming(this);
  readonly #asked: (text: string) => 'stop' | undefined;
  readonly #text = new Beginning(statementBytes);
  #argumentsLeft = 0;

  /** @param asked called when a command is whole, with its words (the beginning of them, if they are many) */
  constructor(asked: (text: string) => 'stop' | undefined) {
    this.#asked = asked;
  }

  /** How many bytes at least are to come of the present command; 0: there is none. */
  get bytesLeft(): number {
    return this.#framing.bytesLeft || (this.#argumentsLeft > 0 ? 1 : 0);
  }

  walk(bytes: Buffer): 'malformed' | undefined {
    return this.#framing.walk(bytes);
  }

  begins(type: number): Shape | undefined {
    if (this.#argumentsLeft > 0) {
      if (this.#text.length > 0) this.#text.add(space);
      return type === bulk ? 'bulk' : undefined;
    }
    return type === array ? 'counted' : 'inline';
  }

  body(piece: Buffer): void {
    this.#text.add(piece);
  }

  ends(type: number, number: number): 'stop' | 'malformed' | undefined {
    if (this.#argumentsLeft > 0) {
      if (number < 0) return 'malformed';
      this.#argumentsLeft -= 1;
      return this.#argumentsLeft === 0 ? this.#whole() : undefined;
    }
    if (type !== array) return this.#whole();
    if (number > mostArguments) return 'malformed';
    this.#argumentsLeft = Math.max(0, number); // one without arguments is nothing to the server
    return undefined;
  }

  #whole(): 'stop' | undefined {
    const text = this.#text.bytes.toString('utf8').trim();
    this.#text.clear();
    return text === '' ? undefined : this.#asked(text);
  }
}
