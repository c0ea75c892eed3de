/** On paper nothing can be opened: what is folded away is shown, and folded again afterwards. */
export function openForPaper(): void {
  const opened: Element[] = [];
  window.addEventListener('beforeprint', () => {
    opened.push(...document.querySelectorAll('details:not([open])'));
    for (const one of opened) one.setAttribute('open', '');
  });
  window.addEventListener('afterprint', () => {
    for (const one of opened.splice(0)) one.removeAttribute('open');
  });
}
