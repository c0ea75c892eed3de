import type { JsonValue } from '../../model/json.ts';

/** Whether `${entry}` stands anywhere in what is written. */
export const namesEntry = (write: { url: string; headers?: Record<string, string>; body?: JsonValue }): boolean =>
  JSON.stringify([write.url, write.headers, write.body]).includes('${entry}');
