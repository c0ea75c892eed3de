import { oneLine } from '../../text/clean.ts';

export type Labels = Record<string, string>;

/**
 * A family of gauges: figures of one run, which begin anew with the next. Names carry their unit. OpenMetrics knows states
 * and infos as well, but what reads the older format of Prometheus (the textfile collector, say) refuses these types.
 */
export interface Family {
  name: string;
  unit?: 'seconds' | 'ratio' | 'bytes';
  help: string;
  /** A value that is `null` was not measured: it is left out, never 0. */
  values: { labels?: Labels; value: number | null }[];
}

/**
 * OpenMetrics 1.0 text of a run. Families without a value are left out.
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function exposition(families: Family[], common: Labels): string {
  return [...families.flatMap((family) => linesOf(family, common)), '# EOF', ''].join('\n');
}

function linesOf({ name, unit, help, values }: Family, common: Labels): string[] {
  // Two whose labels look the same once they are cleaned would make the whole file unreadable: the first counts.
  const samples = new Map<string, number>();
  for (const { labels = {}, value } of values) {
    const series = `${name}${labelsOf({ ...common, ...labels })}`;
    if (value !== null && Number.isFinite(value) && !samples.has(series)) samples.set(series, value);
  }
  if (samples.size === 0) return [];
  return [
    `# TYPE ${name} gauge`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escaped(help)}`,
    ...[...samples].map(([series, value]) => `${series} ${value}`),
  ];
}

const labelsOf = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(oneLine(value))}"`)
    .join(',')}}`;

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
