import type { JsonValue } from '../../model/json.ts';

/** A JSONPath, ready to select. */
export type JsonPath = (document: JsonValue) => JsonValue[];

/** @throws with what is wrong when the text is no JSONPath (RFC 9535) */
export async function compileJsonPath(text: string): Promise<JsonPath> {
  const { compile } = await import('./json-p3.ts');
  try {
    const path = compile(text);
    // Lazily: json-p3 gathers eagerly by spreading arguments, which ends at some 100,000 of them.
    return (document) => Array.from(path.lazyQuery(document), ({ value }) => value as JsonValue);
  } catch (error) {
    throw new Error(`"${text}" is not a JSONPath: ${(error as Error).message}`);
  }
}
