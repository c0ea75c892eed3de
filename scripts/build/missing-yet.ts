import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'esbuild';

/** Lets the build pass while the house is still being built. */
export const missingYet: Plugin = {
  name: 'missing-yet',
  setup(api) {
    api.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, resolveDir, kind }) => {
      if (kind === 'entry-point' || existsSync(resolve(resolveDir, path))) return undefined;
      warn(`${join(resolveDir, path)} does not exist yet`);
      return { path, namespace: 'missing-yet' };
    });
    api.onLoad({ filter: /.*/, namespace: 'missing-yet' }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} does not exist yet`)});`,
    }));
  },
};

export function warn(message: string): boolean {
  process.stderr.write(`build: ${message}\n`);
  return false;
}
