import { lackOf } from '../../host/needs.ts';
import { faults } from '../../injectors/registry.ts';
import { exitCodes } from '../../model/exit-code.ts';
import { everyWay, type Fault } from '../../model/fault.ts';
import { type Paint, paintFor } from '../../reporters/console/paint.ts';
import { lacksOf, type PlanLack } from '../../runner/lacks.ts';
import { oneLine } from '../../text/clean.ts';
import type { Io } from '../io.ts';
import { loadPlan } from '../load.ts';
import type { Settings } from '../options.ts';

interface Judged {
  fault: string;
  target: string | null;
  /** One of several ways to do it there. */
  via?: string;
  works: boolean;
  missing: { message: string; remedy: string }[];
}

/**
 * Says which faults work on this machine, or whether one scenario can be run on it, and how to have what is missing.
 * @returns 0; for a scenario that cannot be run here 4
 * @throws UserError when the scenario is wrong
 */
export async function doctor(
  file: string | undefined,
  { format, set }: { format: 'text' | 'json'; set: Settings },
  io: Io,
): Promise<number> {
  const paint = paintFor(io.color);
  if (file === undefined) {
    const judged = faults.flatMap(judge);
    io.stdout.write(format === 'json' ? json(judged) : table(judged, paint));
    return exitCodes.passed;
  }
  const { plan } = await loadPlan(file, { set, seed: 0 });
  const lacks = await lacksOf(plan);
  io.stdout.write(format === 'json' ? json({ file, lacks }) : about(file, lacks, paint));
  return lacks.length === 0 ? exitCodes.passed : exitCodes.inconclusive;
}

const judge = (fault: Fault): Judged[] =>
  everyWay(fault).map(({ on, via }) => {
    const missing = (fault.needs?.(on, via) ?? []).flatMap((need) => lackOf(need) ?? []);
    const way = via === undefined ? {} : { via };
    return { fault: fault.name, target: on ?? null, ...way, works: missing.length === 0, missing };
  });

function table(judged: Judged[], paint: Paint): string {
  const width = Math.max(...judged.map(({ fault }) => fault.length)) + 2;
  const lines = judged.map(({ fault, target, via, works, missing }) => {
    const state = works
      ? paint('good', 'works')
      : `${paint('bad', 'no')}     ${missing.map(({ message, remedy }) => `${message}: ${remedy}`).join('; ')}`;
    return `${fault.padEnd(width)}${(target ?? 'none').padEnd(11)}${(via ?? '').padEnd(9)}${state}\n`;
  });
  return `${'fault'.padEnd(width)}target     via      here\n${lines.join('')}`;
}

function about(file: string, lacks: PlanLack[], paint: Paint): string {
  if (lacks.length === 0) return `${file}  ${paint('good', 'can be run here')}\n`;
  const lines = lacks.map(({ where, message, remedy }) => `${oneLine(`${where}: ${message}`)}\n  ${oneLine(remedy)}\n`);
  return `${file}  ${paint('bad', 'cannot be run here')}\n\n${lines.join('')}`;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
