import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseReportRequest, writeReports } from '../../src/reporters/write.ts';
import { shopPasses } from './support/shop.ts';
import { told } from './support/told.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaos-reports-'));
});
afterEach(() => rm(folder, { recursive: true }));

const run = told(shopPasses());

test('the run folder gets the report as JSON, JUnit and HTML, and nothing half-written', async () => {
  const place = join(folder, 'run');
  expect(await writeReports(run, place)).toEqual({
    files: [join(place, 'report.json'), join(place, 'junit.xml'), join(place, 'report.html')],
    failures: [],
  });
  expect((await readdir(place)).sort()).toEqual(['junit.xml', 'report.html', 'report.json']);
  expect(JSON.parse(await readFile(join(place, 'report.json'), 'utf8'))).toEqual(run.report);
});

test('a further copy goes where it was asked for, also into a folder that is not there yet', async () => {
  const copy = join(folder, 'out', 'deep', 'junit.xml');
  const { files } = await writeReports(run, folder, [{ format: 'junit', file: copy }, { format: 'json' }]);
  expect(files).toEqual([...['report.json', 'junit.xml', 'report.html'].map((name) => join(folder, name)), copy]);
  expect(await readFile(copy, 'utf8')).toBe(await readFile(join(folder, 'junit.xml'), 'utf8'));
});

test('a copy that cannot be written is told, and the others are written', async () => {
  await writeFile(join(folder, 'file'), '');
  const copy = join(folder, 'file', 'junit.xml');
  const { files, failures } = await writeReports(run, folder, [{ format: 'junit', file: copy }]);
  expect(files).toHaveLength(3);
  expect(failures).toEqual([{ file: copy, message: expect.stringContaining(join(folder, 'file')) }]);
});

test('--report takes a format, and a file after an equals sign', () => {
  expect(parseReportRequest('json')).toEqual({ format: 'json' });
  expect(parseReportRequest('junit=out/a=b.xml')).toEqual({ format: 'junit', file: 'out/a=b.xml' });
});

test.each([
  [
    'xml',
    '"xml" is no format of a report: write json, junit, html, ctrf, markdown or openmetrics, as in --report junit=out/junit.xml',
  ],
  [
    '__proto__',
    '"__proto__" is no format of a report: write json, junit, html, ctrf, markdown or openmetrics, as in --report junit=out/junit.xml',
  ],
  ['json=', '--report json= names no file: write --report json=FILE, or --report json'],
])('--report %s is refused', (text, message) => {
  expect(() => parseReportRequest(text)).toThrow(expect.objectContaining({ name: 'UserError', message }));
});
