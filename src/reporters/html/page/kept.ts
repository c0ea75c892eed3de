/** What somebody has opened stays open when the page is shown anew. */
export const openDetails = (root: HTMLElement): Set<string> =>
  new Set([...root.querySelectorAll('details[open]')].map(nameOf));

export function reopenDetails(root: HTMLElement, names: ReadonlySet<string>): void {
  for (const one of root.querySelectorAll('details')) if (names.has(nameOf(one))) one.setAttribute('open', '');
}

/** By its section and its words. */
function nameOf(one: Element): string {
  const section = one.closest('section');
  const among = [...(section?.querySelectorAll('details') ?? [])].indexOf(one as HTMLDetailsElement);
  return `${section?.id} ${among} ${one.querySelector('summary')?.textContent}`;
}
