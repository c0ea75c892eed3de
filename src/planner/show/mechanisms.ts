import { mechanismInWords } from '../../model/fault.ts';
import type { Plan } from '../../model/plan.ts';
import { pad, widthOf, wrap } from '../../text/width.ts';
import { printable } from './printable.ts';

const widest = 20;

/** How each injection is done here, and what that cannot do. No line is longer than `columns` (at least 60). */
export function planMechanisms({ steps }: Plan, columns: number): string {
  const rows = steps.flatMap(({ id, action }) =>
    action.kind === 'inject' ? [[printable(id), mechanismInWords(action.mechanism)] as const] : [],
  );
  const width = Math.min(widest, Math.max(...rows.map(([id]) => widthOf(id))));
  return rows
    .flatMap(([id, how]) => {
      const [first = '', ...more] = wrap(how, Math.max(columns, 60) - width - 2);
      const start = widthOf(id) > width ? [id, `${' '.repeat(width + 2)}${first}`] : [`${pad(id, width)}  ${first}`];
      return [...start, ...more.map((line) => `${' '.repeat(width + 2)}${line}`)];
    })
    .map((line) => `${line}\n`)
    .join('');
}
