import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { becomes } from '../support/becomes.ts';
import { chaos, chaosBin, packageRoot } from '../support/chaos.ts';
import { GameDay, hello } from './support/game-day.ts';

/** A pause of the server that waits for a person before it goes on. */
const asking = (within: string): string =>
  hello(`timeline:
  - { id: hold, inject: process-pause, target: hello }
  - { id: go-on, approve: "May it go on?", within: ${within} }
`);

/** Says yes or no from another terminal. */
const answer = (day: GameDay, ...argv: string[]) => chaos(['approve', ...argv], { env: { XDG_STATE_HOME: day.place } });

describe.concurrent('a step that waits for approval', { timeout: 60_000 }, () => {
  it('goes on when somebody approves it in another terminal', async ({ expect }) => {
    const day = new GameDay(asking('60s'));
    await day.until('approval-asked');
    expect(await answer(day)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('Approved: May it go on?'),
    });
    expect(await day.end(), day.stderr).toBe(0);
    const step = day.report().steps.find(({ id }) => id === 'go-on');
    expect(step).toMatchObject({ outcome: 'passed', message: expect.stringContaining('with chaos approve') });
  });

  it('ends the run when it is refused, and everything is undone', async ({ expect }) => {
    const day = new GameDay(asking('60s'));
    await day.until('approval-asked');
    expect((await answer(day, '--refuse')).exitCode).toBe(0);
    expect(await day.end(), day.stderr).toBe(3);
    expect(day.report()).toMatchObject({
      verdict: 'aborted',
      reasons: [expect.stringMatching(/^go-on was refused by .*: May it go on\?/)],
      injections: [{ state: 'undone', gone: true }],
    });
    expect(day.leftovers()).toEqual([]);
  });

  it('ends the run when nobody says anything in time', async ({ expect }) => {
    const day = new GameDay(asking('300ms'));
    expect(await day.end(), day.stderr).toBe(3);
    expect(day.report().reasons[0]).toBe('nobody approved go-on within 300ms: May it go on?');
  });

  it('is over at once when it was approved in advance', async ({ expect }) => {
    const day = new GameDay(asking('60s'), { argv: ['--confirm', 'go-on'] });
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().steps[1]).toMatchObject({ message: 'approved by --confirm' });
  });

  it('does not keep Ctrl-C waiting', async ({ expect }) => {
    const day = new GameDay(asking('60s'));
    await day.until('approval-asked');
    day.signal('SIGINT');
    expect(await day.end(), day.stderr).toBe(3);
  });

  it.for([
    ['y', 0],
    ['n', 3],
  ] as const)('is answered with %s at the terminal that the run was started in', async ([key, code], { expect }) => {
    const day = new GameDay(asking('60s'));
    day.signal('SIGINT'); // Its file and place are what is wanted.
    await day.end();
    const command = [process.execPath, chaosBin, 'run', join(day.place, 'game-day.yaml'), '--output', day.output];
    const terminal = spawn('script', ['-qfec', command.join(' '), '/dev/null'], {
      cwd: packageRoot,
      env: { ...process.env, XDG_STATE_HOME: day.place },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let shown = '';
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
    const end = new Promise((resolve) => terminal.once('close', resolve));
    await becomes(() => shown.includes('May it go on?'));
    terminal.stdin.write(`${key}\n`);
    expect(await end, shown).toBe(code);
    expect(shown).toContain('at the terminal');
  });

  it('says which questions wait when it is not clear which is meant', async ({ expect }) => {
    const day = new GameDay(asking('60s'));
    expect(await answer(day)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no run in progress waits'),
    });
    await day.until('approval-asked');
    const { exitCode, stderr } = await answer(day, 'another');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/chaos approve [0-9]{8}-\S+ go-on +May it go on\?/);
    day.signal('SIGKILL');
    expect(await day.untilClean()).toEqual([]);
  });
});

/** @param items of the checklist */
const checked = (items: string): string =>
  hello(`safety:
  checklist:
${items}
timeline:
  - { id: hold, inject: process-pause, target: hello, for: 100ms }
`);

describe.concurrent('a checklist', { timeout: 60_000 }, () => {
  it('is gone through before the first fault, and each item is a case of its own', async ({ expect }) => {
    const day = new GameDay(
      checked(`    - { id: backup, description: There is a backup, command: ["true"] }
    - { id: on-call, confirm: "Does the on-call engineer know?" }`),
      { argv: ['--confirm', 'on-call'] },
    );
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().checklist).toMatchObject([
      { id: 'backup', outcome: 'passed' },
      { id: 'on-call', outcome: 'passed', message: 'approved by --confirm' },
    ]);
    expect(day.junit()).toContain('name="backup: There is a backup"');
  });

  it('that does not hold keeps everything from being harmed', async ({ expect }) => {
    const day = new GameDay(checked('    - { id: backup, description: There is a backup, command: ["false"] }'));
    expect(await day.end(), day.stderr).toBe(4);
    const { verdict, reasons, injections } = day.report();
    expect(verdict).toBe('inconclusive');
    expect(reasons[0]).toContain('the checklist does not hold: backup: There is a backup: no');
    expect(injections[0]!.state).toBe('not-begun');
  });

  it('that nobody is there to confirm is refused before anything is started', async ({ expect }) => {
    const day = new GameDay(checked('    - { id: on-call, confirm: "Does the on-call engineer know?" }'));
    expect(await day.end()).toBe(2);
    expect(day.stderr).toContain('--confirm on-call');
    expect(day.stderr).toMatch(/game-day\.yaml:[0-9]+:[0-9]+/);
    expect(day.events()).toEqual([]);
  });

  it('does not take a confirmation of what is not there', async ({ expect }) => {
    const day = new GameDay(checked('    - { id: on-call, confirm: "Does the on-call engineer know?" }'), {
      argv: ['--confirm', 'oncall'],
    });
    expect(await day.end()).toBe(2);
    expect(day.stderr).toContain('did you mean "on-call"?');
  });
});

describe.concurrent('where a run takes place', { timeout: 60_000 }, () => {
  const forPlaces = (environment: string): string =>
    `version: 1\nname: Here\nsafety: { environment: ${environment} }\ntimeline:\n  - pause: 1ms\n`;
  const runs: [environment: string, here: string | undefined, said: string | undefined, exitCode: number][] = [
    ['staging', undefined, undefined, 0],
    ['staging', 'staging', undefined, 0],
    ['staging', 'production', undefined, 2],
    ['staging', 'production', 'production', 2],
    ['staging', 'production', 'staging', 2],
    ['staging', 'dev', undefined, 2],
    ['[dev, staging]', undefined, 'dev', 0],
    ['production', undefined, undefined, 2],
    ['production', 'production', undefined, 2],
    ['production', 'production', 'production', 0],
    ['production', undefined, 'production', 0],
  ];
  it.for(runs)('a scenario for %s where this is %s, and is said to be %s, ends with %#', async (row, { expect }) => {
    const [environment, here = '', said, exitCode] = row;
    const day = new GameDay(forPlaces(environment), {
      env: { CHAOS_ENVIRONMENT: here },
      argv: said === undefined ? [] : ['--environment', said],
    });
    expect(await day.end(), day.stderr).toBe(exitCode);
    if (exitCode === 2) expect(day.events()).toEqual([]);
    else expect(day.report().environment).toBe(said ?? (here || undefined));
  });

  it('nothing runs in production that was not asked to, whatever the scenario says', async ({ expect }) => {
    const day = new GameDay('version: 1\nname: Here\ntimeline:\n  - pause: 1ms\n', {
      env: { CHAOS_ENVIRONMENT: 'production' },
    });
    expect(await day.end()).toBe(2);
    expect(day.stderr).toContain('--environment production');
  });
});
