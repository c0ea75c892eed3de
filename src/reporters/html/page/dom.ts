export type Child = Node | string | undefined | false;

interface Attributes {
  class?: string;
  id?: string;
  title?: string;
  href?: string;
  type?: string;
  role?: string;
  scope?: string;
  label?: string;
  tabindex?: number;
  on?: Record<string, (event: Event) => void>;
}

/** An element. Texts become text nodes: nothing that others wrote is ever read as markup. */
export function h(tag: string, attributes: Attributes, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  const { on = {}, label, ...plain } = attributes;
  for (const [name, value] of Object.entries(plain)) if (value !== undefined) element.setAttribute(name, String(value));
  if (label !== undefined) element.setAttribute('aria-label', label);
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  for (const child of children) if (child) element.append(child);
  return element;
}

/** A part of the page under a heading; nothing when it would be empty. */
export function section(id: string, title: string, ...children: Child[]): HTMLElement | undefined {
  const there = children.filter((child) => child !== undefined && child !== false);
  if (there.length === 0) return undefined;
  return h('section', { id, label: title }, h('h2', {}, title), ...there);
}

const mostInOneLine = 18;

/** Rows under column heads; a column without anything in it is left out. On a narrow screen each row becomes a block whose cells carry their heads. */
export function table(heads: string[], rows: Child[][], caption?: string): HTMLElement {
  const isEmpty = (child: Child): boolean => child === undefined || child === false || child === '';
  const shown = heads.map((_, index) => index).filter((index) => !rows.every((row) => isEmpty(row[index])));
  const cells = (row: Child[]) =>
    shown.map((index) => {
      const child = row[index];
      const isShort = typeof child === 'string' && child.length <= mostInOneLine;
      const cell = h('td', isShort ? { class: 'short' } : {}, child);
      cell.dataset.head = heads[index]!;
      return cell;
    });
  return h(
    'div',
    { class: 'scroll' },
    h(
      'table',
      {},
      caption !== undefined && h('caption', {}, caption),
      h('thead', {}, h('tr', {}, ...shown.map((index) => h('th', { scope: 'col' }, heads[index]!)))),
      h('tbody', {}, ...rows.map((row) => h('tr', {}, ...cells(row)))),
    ),
  );
}

/** Facts in pairs; those without a value are left out. */
export function facts(pairs: [string, Child][]): HTMLElement {
  return h(
    'dl',
    { class: 'facts' },
    ...pairs
      .filter(([, value]) => value !== undefined && value !== false && value !== '')
      .map(([name, value]) => h('div', isLong(value) ? { class: 'wide' } : {}, h('dt', {}, name), h('dd', {}, value))),
  );
}

const isLong = (value: Child): boolean => typeof value === 'string' && value.length > 90;

export function details(summary: string, ...children: Child[]): HTMLElement {
  return h('details', {}, h('summary', {}, summary), ...children);
}

export type Tone = 'good' | 'bad' | 'doubt' | 'quiet' | 'harm';

/** A word with a mark before it: colour only repeats what both say. */
export function chip(tone: Tone, word: string): HTMLElement {
  const sign = h('span', { class: 'mark' }, marks[tone]);
  sign.setAttribute('aria-hidden', 'true');
  return h('span', { class: `chip ${tone}` }, sign, word);
}

const marks: Record<Tone, string> = { good: '✓', bad: '✗', doubt: '?', quiet: '–', harm: '⚡' };

/** Where something stands in the scenario, as a link to that line of the source below. */
export function placeLink(file: string, line: number, hasSource: boolean): HTMLElement {
  const text = `${file}:${line}`;
  return hasSource ? h('a', { href: `#L${line}`, class: 'place' }, text) : h('span', { class: 'place' }, text);
}
