/** A moment of the run: `0:04.21`, `1:02:04.21`. */
export function formatOffset(atMs: number): string {
  const hundredths = Math.max(0, Math.floor(atMs / 10));
  const two = (value: number): string => String(value).padStart(2, '0');
  const seconds = Math.floor(hundredths / 100);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const front = hours > 0 ? `${hours}:${two(minutes % 60)}` : `${minutes}`;
  return `${front}:${two(seconds % 60)}.${two(hundredths % 100)}`;
}
