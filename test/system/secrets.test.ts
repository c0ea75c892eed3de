import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { becomes } from '../support/becomes.ts';
import { chaos } from '../support/chaos.ts';
import { GameDay } from './support/game-day.ts';

const secret = 'correct horse battery';
const env = { TOKEN: secret };
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const reference = '${secret.TOKEN}';

/** Succeeds when its first argument is the secret: by its sum, so that the scenario does not hold it. */
const knows = ['sh', '-c', `printf %s "$0" | sha256sum | grep -q ^${sha256(secret)}`, reference];
const prints = [
  'sh',
  '-c',
  'printf %s "$TOKEN" | head -c 9; sleep 0.2; printf %s "$TOKEN" | tail -c +10; echo; echo "$0"; sleep 60',
  `arg ${reference}`,
];

/** Every place that a secret may stand in, and every way in which one may come back. */
const scenario = (port: number, held = '300ms'): string => `version: 1
name: Secrets
targets:
  talks: { process: { command: ${JSON.stringify(prints)}, env: { TOKEN: "${reference}" } } }
steadyState:
  - { id: echoes, http: { url: "http://127.0.0.1:${port}/", headers: { authorization: "Bearer ${reference}" } }, every: 50ms }
baseline: 300ms
recovery: 300ms
safety:
  checklist: [{ command: ${JSON.stringify(knows)} }]
timeline:
  - { id: says, run: [echo, "${reference}"] }
  - { id: harm, inject: command, with: { inject: [echo, "${reference}"], undo: ${JSON.stringify(knows)} }, for: ${held} }
  - { id: fails, run: [sh, -c, "echo no: $0 >&2; exit 3", "${reference}"] }
`;

/** A server that tells whoever asks what it was told, and at last refuses with it. */
async function echo(): Promise<{ port: number; close(): void }> {
  let asked = 0;
  const server = createServer((request, answer) => {
    asked += 1;
    answer.writeHead(asked > 12 ? 500 : 200).end(`you said ${request.headers.authorization}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close().closeAllConnections() };
}

/** Every file below a folder that holds a text. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((file) => statSync(file).isFile() && readFileSync(file, 'latin1').includes(text));
}

describe.concurrent('a secret of a run', { timeout: 60_000 }, () => {
  it('is used, and is in no file and on no terminal', async ({ expect }) => {
    const server = await echo();
    const day = new GameDay(scenario(server.port), { env, argv: ['--report', 'ctrf'] });
    expect(await day.end(), day.stderr).toBe(1);
    const { checklist, steps, injections } = day.report();
    expect(checklist[0]!.outcome).toBe('passed'); // it was what it should be
    expect(steps.find(({ id }) => id === 'says')!.result!.stdout.text).toBe(`${reference}\n`);
    expect(injections[0]!.state).toBe('undone');
    expect(day.stderr).toContain(`no: ${reference}`);
    expect(readFileSync(join(day.output, 'logs', 'talks.log'), 'utf8')).toContain(`arg ${reference}`);
    expect(filesWith(day.place, secret)).toEqual([]);
    expect(day.stderr).not.toContain(secret);
    server.close();
  });

  it('is in no journal, and its guardian can use it all the same', async ({ expect }) => {
    const server = await echo();
    const day = new GameDay(scenario(server.port, '60s'), { env });
    await day.until('injection-in-force');
    const journal = readdirSync(join(day.place, 'chaos', 'journals'))[0]!;
    const text = readFileSync(join(day.place, 'chaos', 'journals', journal), 'utf8');
    expect(text).toContain(reference);
    day.signal('SIGKILL');
    await becomes(() => day.events().some(({ type }) => type === 'run-ended'));
    expect(day.events().some(({ type }) => type === 'leftover')).toBe(false);
    expect(await day.untilClean()).toEqual([]);
    server.close();
  });

  it('that is not there, or too short to be hidden, keeps the run from beginning', async ({ expect }) => {
    for (const [given, said] of [
      [{}, 'there is no secret TOKEN (set the variable TOKEN, or write /run/secrets/TOKEN)'],
      [{ TOKEN: 'abc' }, 'the secret TOKEN is too short to be hidden'],
    ] as const) {
      const day = new GameDay(scenario(1), { env: { ...given } });
      expect(await day.end()).toBe(4);
      expect(day.stderr).toContain(said);
      expect(day.report().injections[0]!.state).toBe('not-begun');
    }
  });

  it('is shown by its name in a plan', async ({ expect }) => {
    const day = new GameDay(scenario(1), { env });
    await day.end();
    const file = join(day.place, 'game-day.yaml');
    for (const argv of [
      ['plan', file, '--commands'],
      ['plan', file, '--format', 'json'],
    ]) {
      const { stdout } = await chaos(argv, { env });
      expect(stdout).toContain(reference);
      expect(stdout).not.toContain(secret);
    }
  });
});

describe.concurrent('a variable of the environment', { timeout: 60_000 }, () => {
  const greeting = 'version: 1\nname: Variables\ntimeline:\n  - { id: says, run: [echo, "hello ${env.WHO}"] }\n';

  it('stands for its value', async ({ expect }) => {
    const day = new GameDay(greeting, { env: { WHO: 'world' } });
    expect(await day.end(), day.stderr).toBe(0);
    expect(day.report().steps[0]!.result!.stdout.text).toBe('hello world\n');
  });

  it('that is not set is told at its place before anything is begun', async ({ expect }) => {
    const day = new GameDay(greeting);
    expect(await day.end()).toBe(2);
    expect(day.stderr).toMatch(/game-day\.yaml:4:\d+ +the environment has no variable "WHO"/);
    expect(day.events()).toEqual([]);
    const file = join(day.place, 'game-day.yaml');
    expect((await chaos(['validate', file])).exitCode).toBe(0);
  });
});
