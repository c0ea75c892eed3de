import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Writes V8's machine code of each bundle beside it. A script that has run hands over the functions it used as well, so
 * we use ourselves as our users do. Each bundle is written by the first call that loads it; the last call takes the rest.
 * A cache that cannot be made costs time at start-up and nothing else: it never fails the build.
 */
export async function cacheCode(root: string): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'chaos-build-'));
  try {
    for (const argv of calls(place)) call(root, place, argv);
    call(root, place, ['--version'], { CHAOS_KEEP_CODE: 'all' });
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

const calls = (place: string): string[][] => [
  ['validate', 'scenarios/db-failure.yaml'],
  ['run', 'scripts/build/warm-up.yaml', '--output', join(place, 'run')],
  ['plan', 'scenarios/db-failure.yaml', '--commands'],
  ['faults', 'database-slow'],
  ['probes', 'http'],
];

function call(root: string, place: string, argv: string[], environment: Record<string, string> = {}): void {
  const { error, status, stderr } = spawnSync(process.execPath, [join(root, 'bin', 'chaos.cjs'), ...argv], {
    cwd: root,
    timeout: 30_000,
    encoding: 'utf8',
    env: {
      ...process.env,
      ...environment,
      CI: '1',
      XDG_STATE_HOME: place,
      // Reaches the guardian, the sampler and the proxy of the run, too.
      NODE_OPTIONS: `--require=${join(root, 'scripts', 'build', 'keep-code.cjs')}`,
    },
  });
  if (error || status !== 0)
    process.stderr.write(
      `build: no code cache from "chaos ${argv.join(' ')}": ${error?.message ?? stderr.trim().split('\n')[0]}\n`,
    );
}
