import { expect, test } from 'vitest';
import { seconds } from '../../src/model/duration.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Probe, Step, Target } from '../../src/model/scenario.ts';
import { toAscii } from '../../src/planner/show/ascii.ts';
import { planCommands } from '../../src/planner/show/commands.ts';
import { planMechanisms } from '../../src/planner/show/mechanisms.ts';
import { planMermaid } from '../../src/planner/show/mermaid.ts';
import { planTable } from '../../src/planner/show/table.ts';
import { planTimeline } from '../../src/planner/show/timeline.ts';
import { widthOf } from '../../src/text/width.ts';
import { planOf } from './support/plan.ts';
import { after, at, hang, healthy, kill, parallel, pause, process, proxy, sequence } from './support/scenario.ts';

const gameDay = planOf(
  [
    hang('slow', 5, 'db'),
    healthy('settled', 10),
    sequence('storm', hang('held'), at(30, kill('crash')), after('slow', pause('calm', 2), 500)),
    { ...healthy('recovered', 30), description: 'All is well again' },
  ],
  {
    steadyState: [
      { id: 'orders', path: '', kind: 'http', every: seconds(1) },
      { id: 'kept', path: '', kind: 'ledger', every: seconds(1) },
    ] as unknown as Probe[],
  },
);

test('the table shows the phases, and of each step what starts it, when, and what it does', () => {
  expect(`\n${planTable(gameDay, 80)}`).toBe(`
[start]         targets: app, db, link
[baseline]      orders, kept: good for 3s, else nothing is injected

STEP       STARTS             FROM           UNTIL          WHAT
slow       at 0s              0s             5s             process-pause on db
                                                            for 5s
settled    after slow         5s             5s … ≤15s      await steady state
                                                            within 10s
storm      after settled      5s … ≤15s      30s … ≤35s     3 steps one after
                                                            another
  held     with storm         5s … ≤15s      30s … ≤35s     process-pause on app
                                                            until "storm" ends
  crash    at 30s             30s            30s … ≤35s     process-kill on app
  calm     500ms after storm  5.5s … ≤15.5s  7.5s … ≤17.5s  pause for 2s
           starts, slow
recovered  after storm        30s … ≤35s     30s … ≤1m5s    await steady state
                                                            within 30s: All is
                                                            well again

[recovery]      steady state again within 30s
[verification]  read back: kept
[undo]          whatever is still in force, however the run ends
[stop]          targets: link, db, app
`);
});

test('the timeline is drawn to scale, open ends marked', () => {
  expect(`\n${planTimeline(gameDay, 70)}`).toBe(`
           0s           15s          30s           45s          1m
slow       ████
settled        ░░░░░░░░░…
storm          ░░░░░░░░░█████████████░░░░░…
  held         ░░░░░░░░░█████████████░░░░░…
  crash                              ◆░░░░…
  calm         ░░░░░░░░░░░…
recovered                            ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░…
`);
  expect(toAscii(planTimeline(gameDay, 70))).toContain('  held         .........#############.....>\n');
});

test('an end that nothing bounds is drawn to the edge, and said to be open', () => {
  const plan: Plan = structuredClone(gameDay);
  plan.steps.at(-1)!.expected.latestEndMs = null;
  expect(planTimeline(plan, 70).split('\n').at(-2)).toMatch(/^recovered +░+…$/);
  expect(planTable(plan, 120)).toMatch(/recovered .* 30s … +await/);
});

test('Mermaid gets a box for each group and an arrow for each thing that is waited for', () => {
  expect(planMermaid(gameDay)).toBe(`flowchart TD
  begin(["A game day"])
  s0{{"slow<br/>process-pause on db for 5s<br/>0s to 5s"}}
  s1("settled<br/>await steady state within 10s<br/>5s to 5s … ≤15s")
  subgraph s2["storm<br/>3 steps one after another<br/>5s … ≤15s to 30s … ≤35s"]
    s3{{"held<br/>process-pause on app until #34;storm#34; ends<br/>5s … ≤15s to 30s … ≤35s"}}
    s4{{"crash<br/>process-kill on app<br/>30s to 30s … ≤35s"}}
    s5("calm<br/>pause for 2s<br/>5.5s … ≤15.5s to 7.5s … ≤17.5s")
  end
  s6("recovered<br/>await steady state within 30s<br/>30s … ≤35s to 30s … ≤1m5s")
  begin --> s0
  s0 --> s1
  s1 --> s2
  s0 -->|"+500ms"| s5
  s2 --> s6
`);
});

test('the commands are those that will be executed, and those that undo them', () => {
  const command = { argv: ['psql', '-c', "select 'a b'"], cwd: 'ops', env: { PGHOST: 'a b' }, timeout: seconds(60) };
  const plan = planOf(
    [
      hang('slow', 5, 'db'),
      kill('crash'),
      inject('again', 'process-restart', 'app', { signal: 'SIGTERM', grace: 10_000 }),
      inject('far', 'network-delay', 'link', { latency: 100, jitter: 0, direction: 'both', share: 1 }),
      inject('own', 'command', undefined, { inject: ['touch', 'x'], undo: ['rm', '-f', 'x'], env: {}, timeout: 2000 }),
      inject('once', 'command', undefined, { inject: ['true'], env: {}, timeout: 2000 }),
      { ...pause('', 0), id: 'query', kind: 'run', command, expect: { exitCode: 0 } } as Step,
    ],
    { targets: [process('app'), running('db'), proxy('link')] },
  );
  expect(`\n${planCommands(plan)}`).toBe(`
app (process)
  start    node app.js
  stop     SIGTERM to its process group, SIGKILL after 10s

db (running)
  find     the process that listens on port 5432
  restart  systemctl start db (at most 5s)
  stop     never: it was there before the run

link (proxy)
  start    listen on 127.0.0.1:7001, pass on to 127.0.0.1:7000 (tcp)
  stop     close every connection

slow: process-pause on db for 5s
  inject   SIGSTOP to the process of db and its descendants
  undo     SIGCONT to the process of db and its descendants

crash: process-kill on app
  inject   SIGKILL to the process of app and its descendants
  undo     nothing: it is over at once

again: process-restart on app
  inject   SIGTERM to the process of app, SIGKILL after 10s; start it again
  undo     nothing: it is over at once

far: network-delay on link until the timeline ends
  inject   delay {"latencyMs":100,"jitterMs":0,"direction":"both","share":1,"seed":"7/far"} into the proxy of link
  undo     take it out of the proxy of link

own: command until the timeline ends
  inject   touch x (at most 2s)
  undo     rm -f x (at most 2s)

once: command until the timeline ends
  inject   true (at most 2s)
  undo     nothing: the scenario gives no undo

query
  run      psql -c 'select '\\''a b'\\''' in ops with PGHOST='a b' (at most 1m)
`);
});

test('whatever an author writes stays text: no escapes for the terminal, no markup, no further lines', () => {
  const nasty = '\u001b[31mred\u001b[0m\n]]"--><script>&#59;`|\u202e';
  const run = { argv: ['echo', nasty, "it's"], timeout: seconds(1) };
  const plan = planOf([{ ...pause('', 0), id: nasty, kind: 'run', command: run, expect: { exitCode: 0 } } as Step], {
    name: nasty,
  });
  const texts = [planTable(plan, 80), planTimeline(plan, 80), planMermaid(plan), planCommands(plan)];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  for (const text of texts) expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  expect(planMermaid(plan).split('\n')).toHaveLength(5);
  expect(planMermaid(plan)).not.toMatch(/<script|&#59/);
  expect(planCommands(plan)).toContain(`echo $'\\u001b[31mred\\u001b[0m\\n]]"--><script>&#59;\`|\\u202e' 'it'\\''s'`);
});

test.each([60, 80, 100])('nothing is wider than %i columns, and nothing is cut from the table', (columns) => {
  const long = 'a-step-whose-name-is-really-quite-long-and-then-some';
  const plan = planOf([
    parallel(
      long,
      sequence('数据库变慢-数据库变慢-数据库变慢', hang('x', 5), after([`${long} started`, 'x'], pause('y', 100_000))),
    ),
  ]);
  for (const text of [planTable(plan, columns), planTimeline(plan, columns)])
    for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(columns);
  expect(planTable(plan, columns).replaceAll(/[\s]/g, '')).toContain('a-step-whose');
});

test('a plan without steps can be shown', () => {
  const plan = planOf([], { targets: [] });
  expect(planTable(plan, 80) + planTimeline(plan, 80) + planCommands(plan)).toBe('');
  expect(planMermaid(plan)).toBe('flowchart TD\n  begin(["A game day"])\n');
});

function inject(id: string, fault: string, target: string | undefined, parameters: object): Step {
  const { target: _, ...step } = hang(id) as Extract<Step, { kind: 'inject' }>;
  return { ...step, fault, ...(target === undefined ? {} : { target }), with: parameters as never };
}

const running = (id: string): Target => ({
  id,
  path: `/targets/${id}`,
  needs: [],
  kind: 'running',
  find: { port: 5432 },
  restartCommand: { argv: ['systemctl', 'start', id], timeout: seconds(5) },
});

test('how each injection is done here is said, and what that cannot do', () => {
  const plan = planOf([parallel('p', kill('crash'), hang('held'))]);
  expect(`\n${planMechanisms(plan, 60)}`).toBe(`
crash  by a signal to a process that is known by pid and
       start time
held   by SIGSTOP and SIGCONT; its clocks go on, and its
       time limits run out
`);
});
