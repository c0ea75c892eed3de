/** What the schema cannot say of a request. `${run}` and `${entry}` may still stand in it. @returns why it can never be sent */
export function whyNoRequest(request: { url: string; headers?: Record<string, string> }): string | undefined {
  if (!URL.canParse(request.url.replaceAll(/\$\{(?:run|entry)\}/g, 'x'))) return `${request.url} is not a URL`;
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return `"${name}" cannot be the name of a header`;
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) return `the header ${name} holds a character that no header may hold`;
  }
  return undefined;
}
