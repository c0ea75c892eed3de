import { isRoot } from '../../host/administrator.ts';
import { exitCodes } from '../../model/exit-code.ts';
import type { Plan } from '../../model/plan.ts';
import { toAscii } from '../../planner/show/ascii.ts';
import { planCommands } from '../../planner/show/commands.ts';
import { planMechanisms } from '../../planner/show/mechanisms.ts';
import { planMermaid } from '../../planner/show/mermaid.ts';
import { planTable } from '../../planner/show/table.ts';
import { planTimeline, timelineLegend } from '../../planner/show/timeline.ts';
import { type Paint, paintFor } from '../../reporters/console/paint.ts';
import { lockedOut } from '../../runner/lacks.ts';
import { oneLine } from '../../text/clean.ts';
import { wrap } from '../../text/width.ts';
import type { Io } from '../io.ts';
import { loadPlan } from '../load.ts';
import type { Settings } from '../options.ts';

export interface PlanOptions {
  format: 'text' | 'json' | 'mermaid';
  /** Whether to show what would be executed, too. */
  commands: boolean;
  set: Settings;
  seed: number;
}

type PlanIo = Pick<Io, 'stdout' | 'stderr' | 'color' | 'columns'>;

/**
 * Shows what a run would do, and when; and whom it would lock out here, for which the run would be refused. Touches nothing.
 * @returns 0; 4 when the run would be refused
 * @throws UserError for whatever is wrong in the scenario
 */
export async function plan(file: string, options: PlanOptions, io: PlanIo): Promise<number> {
  const { plan, warnings, sources } = await loadPlan(file, options);
  if (warnings.length > 0) {
    const { renderDiagnostics } = await import('../../parser/diagnostics/render.ts');
    io.stderr.write(renderDiagnostics(warnings, sources));
  }
  io.stdout.write(shown(plan, options, io));
  const refused = await lockedOut(plan);
  for (const { where, message, remedy } of refused) io.stderr.write(`${oneLine(`${where}: ${message}`)} (${remedy})\n`);
  return refused.length === 0 ? exitCodes.passed : exitCodes.inconclusive;
}

function shown(plan: Plan, { format, commands }: PlanOptions, { columns, color }: PlanIo): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(plan, null, 2)}\n`;
    case 'mermaid':
      return planMermaid(plan);
    case 'text': {
      const text = asText(plan, commands, Math.min(columns, 120), paintFor(color));
      return showsUnicode(process.env) ? text : toAscii(text);
    }
  }
}

function asText(plan: Plan, commands: boolean, columns: number, paint: Paint): string {
  const { name, file } = plan.scenario;
  const sections = [
    [...wrap(oneLine(name), columns).map((line) => paint('strong', line)), ...wrap(oneLine(file), columns), ''].join(
      '\n',
    ),
    planTable(plan, columns),
  ];
  if (plan.steps.length > 0)
    sections.push(`${paint('strong', 'Timeline')}  ${paint('quiet', timelineLegend)}\n${planTimeline(plan, columns)}`);
  if (plan.steps.some(({ action }) => action.kind === 'inject'))
    sections.push(`${paint('strong', 'How it is done here')}\n${planMechanisms(plan, columns)}`);
  if (commands) sections.push(`${paint('strong', 'What is executed')}\n\n${planCommands(plan)}${bySudo()}`);
  sections.push(`${settings(plan, columns).join('\n')}\n`);
  return sections.join('\n');
}

/** Who runs it is part of what is executed. */
const bySudo = (): string =>
  isRoot() ? '' : '\nFor you, nft, tc and ip on hosts are run by sudo -n; nothing else is.\n';

/** What the plan was made from: the same again gives the same plan. */
function settings({ parameters, seed }: Plan, columns: number): string[] {
  const values = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return wrap(oneLine([`Seed ${seed}.`, ...(values.length > 0 ? ['Parameters:', ...values] : [])].join(' ')), columns);
}

/** Only who says otherwise is taken to see no more than ASCII: containers often have no locale, and can. */
function showsUnicode({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG || 'UTF-8';
  return /utf-?8/i.test(locale);
}
