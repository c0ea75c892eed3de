/** Remembers the texts of a session's prepared statements and portals. Bodies may be no more than their beginnings. */
export class Statements {
  readonly #prepared = new Map<string, string>();
  readonly #portals = new Map<string, string | undefined>();

  /** @returns the text of a simple Query */
  query(body: Buffer): string {
    return stringAt(body, 0).text;
  }

  parse(body: Buffer): void {
    const name = stringAt(body, 0);
    this.#prepared.set(name.text, stringAt(body, name.end).text);
  }

  bind(body: Buffer): void {
    const portal = stringAt(body, 0);
    this.#portals.set(portal.text, this.#prepared.get(stringAt(body, portal.end).text));
  }

  /** @returns the text of what an Execute executes, when it is known */
  executed(body: Buffer): string | undefined {
    return this.#portals.get(stringAt(body, 0).text);
  }

  close(body: Buffer): void {
    const names = body[0] === 'S'.charCodeAt(0) ? this.#prepared : this.#portals;
    names.delete(stringAt(body, 1).text);
  }
}

/** Text that ends with a zero byte. */
function stringAt(body: Buffer, from: number): { text: string; end: number } {
  const zero = body.indexOf(0, from);
  const end = zero === -1 ? body.length : zero;
  return { text: body.toString('utf8', from, end), end: end + 1 };
}
