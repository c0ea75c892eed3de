/** How much flows a second, in bytes. */
export type BytesPerSecond = number & { readonly unit: 'bytes per second' };

/** Not 0: what lets nothing pass is no rate. */
export const ratePattern =
  '^(?!0*\\.?0*[a-zA-Z])[0-9]+(?:\\.[0-9]+)?(?:B|kB|KB|MB|GB|KiB|MiB|GiB|bit|kbit|Kbit|Mbit|Gbit)/s$';

const bytesIn: Record<string, number> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  bit: 1 / 8,
  kbit: 1e3 / 8,
  Kbit: 1e3 / 8,
  Mbit: 1e6 / 8,
  Gbit: 1e9 / 8,
};

/** Reads `1Mbit/s`, `10MB/s`. @returns bytes a second, or `undefined` when the text is not a rate */
export function parseRate(text: string): BytesPerSecond | undefined {
  if (!new RegExp(ratePattern).test(text)) return undefined;
  const unit = text.replace(/^[0-9.]+/, '').replace('/s', '');
  return (Number.parseFloat(text) * bytesIn[unit]!) as BytesPerSecond;
}

/** Writes a rate as networks are sold: `800 kbit/s`, `1 Mbit/s`. */
export function formatRate(bytesPerSecond: number): string {
  const units = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s'];
  let value = bytesPerSecond * 8;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(3))} ${units[unit]}`;
}
