import Builder from 'fast-xml-builder';
import { oneLine, severalLines } from '../../text/clean.ts';

/** An element: `attributes` in their order, then text or children. */
export interface Element {
  attributes?: Record<string, string>;
  text?: string;
  children?: Record<string, Element[]>;
}

const builder = new Builder({
  ignoreAttributes: false,
  format: true,
  suppressEmptyNode: true,
  // By default an attribute whose value is "true" loses it, which is no XML.
  suppressBooleanAttributes: false,
});

/** A whole document. Names of elements and attributes are ours; texts may be anybody's. */
export function document(name: string, root: Element): string {
  return builder.build({ '?xml': { '@_version': '1.0', '@_encoding': 'UTF-8' }, [name]: node(root) });
}

function node({ attributes = {}, text, children = {} }: Element): object {
  return {
    ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`@_${name}`, legal(oneLine(value))])),
    ...Object.fromEntries(Object.entries(children).map(([name, elements]) => [name, elements.map(node)])),
    ...(text === undefined ? {} : { '#text': legal(severalLines(text)) }),
  };
}

/** What XML 1.0 forbids even as a character reference, beyond control characters, which are gone already. */
const legal = (text: string): string => text.replace(/[\ufffe\uffff]/g, '\ufffd');
