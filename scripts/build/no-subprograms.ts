import type { Plugin } from 'esbuild';

/**
 * Commander can run subcommands that are programs of their own; we have none. Its import of `node:child_process` would
 * cost every start a sixth of Node's own.
 */
export const noSubprograms: Plugin = {
  name: 'no-subprograms',
  setup(build) {
    build.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /node_modules\/commander\//.test(importer) ? { path: 'nothing', namespace: 'no-subprograms' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'no-subprograms' }, () => ({ contents: 'module.exports = {};' }));
  },
};
