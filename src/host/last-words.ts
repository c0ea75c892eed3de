import type { Readable } from 'node:stream';

/** Characters. */
const wordsKept = 8192;

/** Keeps the end of what a process of ours writes to a stream: why it died, when it does. @returns what is kept so far */
export function lastWordsOf(stream: Readable): () => string {
  let kept = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    kept = (kept + text).slice(-wordsKept);
  });
  return () => kept.trim();
}
