/*
 * `npm run torture -- strings [--seed 7]`: game days whose names, whose server's answers and whose programs' output are
 * what others could write to do harm. Every report of each is then read as its readers do. Ends with 1 when one of them was
 * led astray.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { hostileText } from '../test/reporters/support/hostile.ts';
import { chaos } from '../test/support/chaos.ts';

const { values } = parseArgs({ options: { seed: { type: 'string' } } });
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const drawn = 10;

/** Each in the tongue of one of the readers. */
const known: [what: string, text: string][] = [
  ['XML', ']]></failure><testcase name="<![CDATA[" &#0; &bogus; <?xml?> -->'],
  ['HTML', '</script><script>window.hacked=1</script><img src=x onerror=alert(1)>"\' onload=x'],
  ['a terminal', '\u001b[2J\u001b]0;hacked\u0007\u009b31mred\u0008\u0008\r\nfake  passed'],
  ['a path', '../../../../tmp/hacked/%2e%2e/..\\..\\x'],
  ['C', 'before\u0000after'],
  ['bidi', '\u202egnp.exe\u2066\u2069\u200b\ufeff'],
  ['half a character', '\ud800 \udfff \ufffe\uffff'],
  ['a workflow', '::error file=x::hacked%0A::set-output name=a::b\n::stop-commands::x'],
  ['Markdown', '| a | b |\n|---|---|\n```\n<details>[x](javascript:alert(1)) ![](http://127.0.0.1:1/)'],
  ['a shell', '$(touch /tmp/hacked) `id` ; rm -rf x && | > <'],
  ['a prototype', '__proto__'],
  ['ten megabytes', 'x<&\u001b'.repeat(2_500_000)],
];
const cases = [
  ...known,
  ...fc.sample(hostileText, { numRuns: drawn, seed }).map((text, index): [string, string] => [`drawn ${index}`, text]),
];

const found: string[] = [];
let slowestMs = 0;
/** How the runs ended. */
const exits: Record<string, number> = {};
console.log(`${cases.length} strings, seed ${seed}`);
for (const [what, text] of cases) {
  const began = performance.now();
  for (const wrong of await misled(text)) found.push(`${what}: ${wrong}`);
  slowestMs = Math.max(slowestMs, performance.now() - began);
}
console.log(
  `strings ${cases.length}, readers led astray ${found.length}, exit codes ${JSON.stringify(exits)}, slowest run ${slowestMs.toFixed(0)} ms`,
);
for (const one of found) console.log(one);
process.exit(found.length > 0 ? 1 : 0);

/** Runs a game day with that text in every place. @returns what came of it that must not */
async function misled(text: string): Promise<string[]> {
  const place = mkdtempSync(join(tmpdir(), 'chaos-strings-'));
  let isBad = false;
  const server = createServer((_, answer) => {
    answer.writeHead(isBad ? 500 : 200).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  setTimeout(() => {
    isBad = true;
  }, 1500);
  try {
    const short = text.slice(0, 2000).replaceAll('${', '$ {');
    writeFileSync(join(place, 'says'), text);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    writeFileSync(join(place, 'x.yaml'), scenario(short, url, join(place, 'says')));
    const { exitCode, stderr } = await chaos(['run', 'x.yaml', '--output', 'run', '--report', 'ctrf'], {
      cwd: place,
      env: { XDG_STATE_HOME: place },
    });
    exits[`${exitCode}`] = (exits[`${exitCode}`] ?? 0) + 1;
    return [...wrongIn(place, exitCode, stderr)];
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(place, { recursive: true, force: true });
  }
}

function scenario(text: string, url: string, says: string): string {
  return stringify({
    version: 1,
    name: text || 'nothing',
    description: text || 'nothing',
    tags: [text || 'nothing'],
    owner: text || 'nothing',
    parameters: { told: { type: 'string', default: text, description: text || 'nothing' } },
    targets: {
      talks: {
        process: {
          command: ['sh', '-c', `cat "${says}"; cat "${says}" >&2; sleep 60`],
          env: { TEXT: text.replaceAll('\0', '') },
        },
      },
    },
    steadyState: [{ id: 'answers', http: url, every: '50ms', timeout: '2s' }],
    baseline: '300ms',
    recovery: '500ms',
    timeline: [
      { id: 'says', description: text || 'nothing', run: ['cat', says] },
      { id: 'hang', inject: 'process-pause', target: 'talks', for: '200ms' },
      { id: 'fails', run: { command: ['sh', '-c', `cat "${says}" >&2; exit 1`], expect: { stdout: text || 'x' } } },
    ],
    objectives: [{ availability: '>= 1%', of: 'answers' }],
  });
}

function* wrongIn(place: string, exitCode: number | null, stderr: string): Generator<string> {
  if (![1, 2, 3, 4].includes(exitCode ?? -1)) yield `exit ${exitCode}: ${stderr.slice(-500)}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(stderr))
    yield 'the terminal was told something';
  const files = readdirSync(place).filter((name) => !['x.yaml', 'says', 'run', 'chaos'].includes(name));
  if (files.length > 0) yield `files beside the run folder: ${files.join()}`;
  if (readdirSync(tmpdir()).includes('hacked')) yield 'a shell was led';
  if (exitCode === 2) return; // refused, with words
  const folder = join(place, 'run');
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  yield* told(
    () =>
      read('events.ndjson')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    'events.ndjson',
  );
  yield* told(() => JSON.parse(read('report.json')), 'report.json');
  yield* told(() => JSON.parse(read('ctrf.json')), 'the common test report');
  yield* told(
    () => execFileSync('xmllint', ['--noout', '--huge', join(folder, 'junit.xml')], { stdio: 'pipe' }),
    'junit.xml',
  );
  const html = read('report.html');
  if ((html.match(/<script/gi) ?? []).length !== 2) yield 'a script more in report.html';
  if (/<img|<details>\[/i.test(html)) yield 'markup of others in report.html';
}

function* told(reading: () => unknown, name: string): Generator<string> {
  try {
    reading();
  } catch (error) {
    yield `${name}: ${(error as Error).message.slice(0, 300)}`;
  }
}
