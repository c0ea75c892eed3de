const names = ['text', 'quiet', 'line', 'good', 'bad', 'doubt', 'harm', 'accent', 'surface'] as const;
export type Ink = Record<(typeof names)[number], string>;

/** The colours of the page, for what is drawn by hand. Read anew when the theme changes. */
export const ink = Object.fromEntries(names.map((name) => [name, '#888'])) as Ink;

export function readInk(): void {
  const style = getComputedStyle(document.documentElement);
  for (const name of names) ink[name] = style.getPropertyValue(`--${name}`).trim();
}

/** A colour, thinned. @param share 0..1 */
export function thin(color: string, share: number): string {
  const value = Number.parseInt(color.slice(1), 16);
  return `rgba(${value >> 16}, ${(value >> 8) & 255}, ${value & 255}, ${share})`;
}
