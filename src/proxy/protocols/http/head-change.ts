/** What is changed in the head of a message. */
export interface HeadChange {
  /** In lower case. */
  removed: ReadonlySet<string>;
  added: [name: string, value: string][];
  /** Called when a head went on changed. */
  settled(): void;
}

/**
 * The head with other fields: what is removed is, with the lines that continue it, and what is added stands last. All
 * other lines stay as they were.
 * @param head whole, with the empty line behind it
 */
export function changedHead(head: Buffer, changes: readonly HeadChange[]): Buffer {
  let lines = head.toString('latin1').split(/(?<=\n)/);
  const end = lines.pop()!;
  for (const { removed, added, settled } of changes) {
    let isRemoved = false;
    lines = lines.filter((line) => {
      // A line that begins with a blank continues the one before; an empty one can stand only before the start line.
      if (!/^[ \t]/.test(line)) isRemoved = removed.has(nameOf(line));
      return !isRemoved;
    });
    for (const [name, value] of added) lines.push(`${name}: ${Buffer.from(value, 'utf8').toString('latin1')}\r\n`);
    settled();
  }
  return Buffer.from(lines.join('') + end, 'latin1');
}

/** Of a start line it is nothing that a field can be called. */
const nameOf = (line: string): string => (/^([^ \t:]+):/.exec(line)?.[1] ?? '').toLowerCase();
