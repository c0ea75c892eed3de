import { finding } from '../finding.ts';
import { median } from '../measure.ts';
import type { Contender } from './contender.ts';

/** Figures of one contender in one round, by the name of the row. */
export type Figures<Row extends string> = Record<Row, number>;

/**
 * Measures everybody once a round, so that what disturbs the machine disturbs all of them.
 * @returns by contender, in the order of the rounds
 */
export async function inRounds<One extends Contender, Row extends string>(
  contenders: One[],
  rounds: number,
  measure: (contender: One) => Promise<Figures<Row>>,
): Promise<Map<string, Figures<Row>[]>> {
  const figures = new Map<string, Figures<Row>[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Who is first finds the others' processes cold: nobody is always first.
    const first = round % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)])
      figures.get(contender.name)!.push(await measure(contender));
  }
  return figures;
}

/** One line: our median, and beside it each other's with the median of our ratio to it in the same round. */
export function report<Row extends string>(
  figures: Map<string, Figures<Row>[]>,
  row: Row,
  about: { what: string; unit: string; goal: string; digits?: number },
): void {
  const show = (value: number) => value.toLocaleString('en', { maximumFractionDigits: about.digits ?? 0 });
  const ours = figures.get('ours')!.map((one) => one[row]);
  const others = [...figures]
    .filter(([name, rounds]) => name !== 'ours' && !Number.isNaN(rounds[0]![row]))
    .map(([name, rounds]) => {
      const ratio = median(rounds.map((one, round) => ours[round]! / one[row]));
      return `${ratio.toFixed(2)} × ${name} (${show(median(rounds.map((one) => one[row])))})`;
    });
  finding({
    what: `proxy: ${about.what}`,
    measured: `${show(median(ours))} ${about.unit}`,
    goal: about.goal,
    against: others.join(', ') || 'nothing: none of the others here does that',
  });
}
