import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Absolute paths of the programs that work beside the runner, each a process of its own. Built by `npm run build`. */
export const entries = {
  guardian: join(packageRoot(), 'dist', 'guardian.cjs'),
  sampler: join(packageRoot(), 'dist', 'sampler.cjs'),
  stress: join(packageRoot(), 'dist', 'stress.cjs'),
  resolver: join(packageRoot(), 'dist', 'resolver.cjs'),
  live: join(packageRoot(), 'dist', 'live.cjs'),
  relay: join(packageRoot(), 'dist', 'relay.cjs'),
  proxy: join(packageRoot(), 'dist', 'proxy.cjs'),
};

/** The folder this package lies in: the same from `dist/`, where we are bundled, and from `src/`, where tests run us. */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
