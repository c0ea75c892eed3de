import { spawnSync } from 'node:child_process';
import { beforeEach, describe, expect, test } from 'vitest';
import { foldReport } from '../../src/reporters/fold.ts';
import { reportAsOpenMetrics } from '../../src/reporters/openmetrics/write.ts';
import { oneLine } from '../../src/text/clean.ts';
import { needs } from '../support/needs.ts';
import { hostileTexts } from './support/hostile.ts';
import { kill, planOf, probe, run } from './support/plans.ts';
import { shopFails, shopPasses } from './support/shop.ts';
import { Story, unseen } from './support/story.ts';

interface Family {
  name: string;
  type: string;
  unit: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

/** What the reference parser of OpenMetrics reads; it is strict. */
function parsed(text: string): Family[] {
  const program = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
print(json.dumps([{"name": f.name, "type": f.type, "unit": f.unit, "samples": [{"name": s.name, "labels": s.labels, "value": s.value} for s in f.samples]} for f in text_string_to_metric_families(sys.stdin.buffer.read().decode())]))`;
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', program], { input: text, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

const metrics = (story: Story): string => reportAsOpenMetrics(foldReport(story.events));

test('a run is a few lines for a dashboard', () => {
  const text = metrics(shopFails());
  const scenario = 'scenario="Orders survive a database failure"';
  for (const line of [
    '# TYPE chaos_run_duration_seconds gauge',
    '# UNIT chaos_run_duration_seconds seconds',
    `chaos_run_duration_seconds{${scenario}} 7.34`,
    `chaos_run_verdict{${scenario},verdict="failed"} 1`,
    `chaos_run_verdict{${scenario},verdict="passed"} 0`,
    `chaos_run_info{${scenario},run="r-1",version="0.1.0",file="scenarios/db-failure.yaml",seed="7"} 1`,
    `chaos_fault_in_force_seconds{${scenario},step="slow",fault="database-slow",target="database-link"} 5`,
    `chaos_probe_latency_seconds{${scenario},probe="orders-answer",statistic="p50"} 0.005`,
    `chaos_ledger_writes{${scenario},probe="orders-kept",state="lost"} 2`,
    `chaos_objective_outcome{${scenario},objective="consistency of orders-kept = 100%",outcome="failed"} 1`,
  ])
    expect(text.split('\n')).toContain(line);
  expect(text.endsWith('\n# EOF\n')).toBe(true);
});

test('a run without its faults is a series of its own', () => {
  const report = foldReport(shopPasses().events);
  expect(reportAsOpenMetrics({ ...report, isSham: true })).toContain(',sham="true",verdict="passed"} 1');
  expect(reportAsOpenMetrics(report)).not.toContain('sham');
});

test('what was not measured is left out, never 0', () => {
  expect(metrics(new Story(planOf({ probes: [probe('web')] })))).not.toMatch(
    /availability|latency|consistency|recover_/,
  );
});

describe('the reference parser takes it', () => {
  beforeEach((context) => needs(context, 'a parser of OpenMetrics (python3-prometheus-client)'));

  test.each([shopPasses, shopFails, () => new Story(planOf())])('%#', (story) => {
    const families = parsed(metrics(story()));
    expect(families.map(({ name }) => name)).toContain('chaos_run_verdict');
    for (const { name, type, unit } of families) {
      expect(type).toBe('gauge');
      expect(name.endsWith(unit)).toBe(true);
      expect(name).toMatch(/^chaos_(run|fault|probe|objective|ledger)_/);
    }
  });

  test('whatever others wrote is a label and comes back as it was', () => {
    const texts = hostileTexts.map((text, index) => `${index} ${text} "\\ \n }`);
    const plan = planOf({
      scenario: { file: texts.join(' '), name: texts.join(' '), tags: [] },
      probes: texts.map((text) => probe(text)),
      steps: [run('a'), ...texts.map((text) => kill(text, text))],
    });
    const story = new Story(plan).healthyStart();
    for (const text of texts) story.strike(text, unseen(text));
    const families = parsed(metrics(story.healthyEnd()));
    const { samples } = families.find(({ name }) => name === 'chaos_fault_effect_seen')!;
    expect(samples.map(({ labels }) => labels.step)).toEqual(texts.map(oneLine));
    expect(samples[0]!.labels.scenario).toBe(oneLine(texts.join(' ')));
  });

  test('two that look the same are told once', () => {
    const families = parsed(
      metrics(new Story(planOf({ probes: [probe('a'), probe('a\u200b')] })).healthyStart().samples('a', 1000, 'g')),
    );
    expect(families.length).toBeGreaterThan(0);
  });
});
