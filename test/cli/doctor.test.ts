import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faults } from '../../src/injectors/registry.ts';
import { chaos } from '../support/chaos.ts';

let place: string;
/** A machine that has Node and nothing else. */
let bare: { PATH: string; XDG_STATE_HOME: string };
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'chaos-doctor-'));
  symlinkSync(process.execPath, join(place, 'node'));
  bare = { PATH: place, XDG_STATE_HOME: place };
});
afterAll(() => rmSync(place, { recursive: true }));

const scenario = (text: string): string => {
  const file = join(place, 'game-day.yaml');
  writeFileSync(file, `version: 1\nname: Test\n${text}`);
  return file;
};

describe('chaos doctor', () => {
  it('says of every fault on every kind of target whether it works here', async () => {
    const { exitCode, stdout } = await chaos(['doctor', '--format', 'json']);
    expect(exitCode).toBe(0);
    const judged = JSON.parse(stdout) as { fault: string; target: string | null; works: boolean; missing: object[] }[];
    // Once for each way of doing it there, where there are several.
    const pairs = [...new Set(judged.map(({ fault, target }) => `${fault} on ${target}`))];
    expect(pairs).toEqual(
      faults.flatMap(({ name, targets }) =>
        (targets.length > 0 ? targets : [null]).map((kind) => `${name} on ${kind}`),
      ),
    );
    for (const { works, missing } of judged) expect(works).toBe(missing.length === 0);
  });

  it('names what is missing and the line that installs it', async () => {
    const { stdout } = await chaos(['doctor'], { env: bare });
    expect(stdout).toMatch(/disk-fill +directory +no +there is no program fallocate: apt-get install util-linux/);
    expect(stdout).toMatch(/cpu-stress +host +works/);
  });

  it('finds everything that keeps a scenario from being run here, and touches nothing', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const file = scenario(`targets:
  server: { process: { command: [no-such-server] } }
  link: { proxy: { listen: "127.0.0.1:${port}", upstream: "127.0.0.1:1" } }
  gone: { running: { pidFile: ${place}/no.pid } }
  disk: { directory: ${place}/none }
  net: { host: { namespace: no-such-namespace } }
timeline:
  - { id: smoke, run: [no-such-test] }
  - { id: full, inject: disk-fill, target: disk, for: 1s }
`);
    const { exitCode, stdout } = await chaos(['doctor', file], { env: bare });
    taken.close();
    expect(exitCode).toBe(4);
    for (const said of [
      'target server: there is no program no-such-server',
      `target link: 127.0.0.1:${port} cannot be listened on: EADDRINUSE`,
      'target gone: ',
      `target disk: ${place}/none is not a directory`,
      'target net: there is no network namespace no-such-namespace',
      'step smoke: there is no program no-such-test',
      'step full: disk-fill: there is no program fallocate',
    ])
      expect(stdout).toContain(said);
  });

  it('finds nothing wrong with what ships', async () => {
    expect(
      await chaos(['doctor', 'scenarios/db-failure.yaml'], { cwd: join(import.meta.dirname, '..', '..') }),
    ).toEqual({
      exitCode: 0,
      stdout: 'scenarios/db-failure.yaml  can be run here\n',
      stderr: '',
    });
  });

  it('is asked before every run: nothing is begun halfway', async () => {
    const file = scenario(`targets: { disk: { directory: ${place} } }
timeline:
  - { id: touch, run: [node, -e, "require('fs').writeFileSync('${place}/touched', '')"] }
  - { id: full, inject: disk-fill, target: disk, for: 1s }
`);
    const { exitCode, stderr } = await chaos(['run', file, '--output', join(place, 'run')], { env: bare, cwd: place });
    expect(exitCode).toBe(4);
    expect(stderr).toContain('disk-fill: there is no program fallocate (apt-get install util-linux)');
    expect(stderr).not.toContain('touch: run');
  });
});
