/** @returns why a field of this name cannot be given, or not by us */
export function refuseHeader(name: string, value: unknown, ours: readonly string[]): string | undefined {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return `${JSON.stringify(name)} is no name of a header`;
  if (ours.includes(name.toLowerCase())) return `the header ${name} is set by the proxy`;
  if (typeof value === 'string' && /[\0\r\n]/.test(value)) return `the header ${name} has a line break in its value`;
  return undefined;
}
