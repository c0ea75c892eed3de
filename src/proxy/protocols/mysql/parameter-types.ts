import { integerAt } from './answers.ts';

/** The types of parameters that clients sent with executions which failed before the server got them. */
export class ParameterTypes {
  readonly #withheld = new Map<number, Buffer>();

  get areWithheld(): boolean {
    return this.#withheld.size > 0;
  }

  /**
   * @param head of an execution: command, statement, flags, iterations, [number of parameters,] which are null, whether types follow, types, …
   * @returns `undefined` when it cannot be read as far as its types
   * @see MySQL Internals, "COM_STMT_EXECUTE"
   */
  of(id: number, head: Buffer, parameters: number, hasAttributes: boolean) {
    const place = placeOfTypes(head, parameters, hasAttributes);
    if (!place) return undefined;
    const { flag, end } = place;
    const hasTypes = end > flag + 1;
    return {
      /** The server does not get this execution. */
      withhold: (): void => {
        if (hasTypes) this.#withheld.set(id, Buffer.from(head.subarray(flag + 1, end)));
      },
      /** What the execution must begin with instead, where the server has not got the types that its client relies on. */
      amended: (): { bytes: Buffer; replaces: number } | undefined => {
        const types = this.#withheld.get(id);
        if (!types) return undefined;
        this.#withheld.delete(id);
        return hasTypes
          ? undefined
          : { bytes: Buffer.concat([head.subarray(0, flag), Buffer.from([1]), types]), replaces: flag + 1 };
      },
    };
  }
}

const fixedBytes = 10;
const countsParameters = 0x08;

/** Where the flag stands that types follow, and where they end. Without parameters both are the end of the head. */
function placeOfTypes(head: Buffer, parameters: number, hasAttributes: boolean) {
  let count = parameters;
  let at = fixedBytes;
  if (hasAttributes && (count > 0 || (head[5]! & countsParameters) !== 0)) {
    const number = integerAt(head, at);
    if (!number) return undefined;
    count = number.value;
    at = number.end;
  }
  if (count === 0) return { flag: head.length, end: head.length };
  const flag = at + Math.ceil(count / 8);
  if (head[flag] !== 1) return head[flag] === 0 ? { flag, end: flag + 1 } : undefined;
  let end = flag + 1;
  for (let parameter = 0; parameter < count; parameter += 1) {
    end += 2;
    if (!hasAttributes) continue;
    const name = integerAt(head, end);
    if (!name) return undefined;
    end = name.end + name.value;
  }
  return end <= head.length ? { flag, end } : undefined;
}
