import { spawnSync } from 'node:child_process';
import type { TestContext } from 'vitest';

const starts = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

/** What a machine may lack. */
const abilities = {
  root: () => process.getuid?.() === 0,
  mount: () => spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0,
  nft: () => spawnSync('unshare', ['--net', 'nft', 'list', 'ruleset']).status === 0,
  ip: () => spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up']).status === 0,
  redis: () => ['redis-server', 'redis-cli'].every(starts),
  mariadb: () => ['mariadbd', 'mariadb', 'my_print_defaults'].every(starts),
  nginx: () => spawnSync('nginx', ['-v']).status === 0,
  haproxy: () => spawnSync('haproxy', ['-v']).status === 0,
} as const;

/** For what is started before the tests, each of which says that it `needs` it. */
export const has = (ability: keyof typeof abilities): boolean => abilities[ability]();

/** A test that needs what this machine lacks says so aloud; in CI that is a failure. */
export function needs(context: TestContext, ...wanted: (keyof typeof abilities)[]): void {
  const missing = wanted.filter((ability) => !abilities[ability]());
  if (missing.length === 0) return;
  const message = `this machine lacks: ${missing.join(', ')}`;
  if (process.env.CI) throw new Error(message);
  context.skip(message);
}
