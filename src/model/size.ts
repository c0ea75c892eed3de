/** An amount of data in bytes. */
export type Bytes = number & { readonly unit: 'bytes' };

export const sizePattern = '^[0-9]+(?:\\.[0-9]+)?(?:B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$';

const bytesIn: Record<string, number> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Reads `64MiB`, `10MB`. @returns bytes, or `undefined` when the text is not a size */
export function parseSize(text: string): Bytes | undefined {
  if (!new RegExp(sizePattern).test(text)) return undefined;
  const unit = text.replace(/^[0-9.]+/, '');
  return Math.round(Number.parseFloat(text) * bytesIn[unit]!) as Bytes;
}

/** Writes a size as a person would, in binary units: `512 B`, `64 MiB`. */
export function formatSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(1))} ${units[unit]}`;
}
