import { defineFault } from '../../model/fault.ts';
import { flag, integer } from '../../model/field.ts';
import { limitBegun, limitEnded, limitHeld } from './observe.ts';

/** A process may open no more files. */
export const fileDescriptors = defineFault({
  name: 'file-descriptors',
  summary: 'A process may open no more files or connections, as after a leak of descriptors',
  description: `Lowers the process's limit on open files (\`RLIMIT_NOFILE\`, the soft one). What it has open stays open; whatever it opens,
accepts or connects to beyond the limit fails with "too many open files" (EMFILE). Many servers then stop accepting, spin,
or end.

Without \`limit\` the process keeps what it has open now, and \`spare\` more. Afterwards its limit is what it was.`,
  targets: ['process', 'running'],
  mechanism: () => ({ by: 'prlimit', cannot: 'files that are open stay open' }),
  needs: () => [{ need: 'program', program: 'prlimit', package: 'util-linux' }],
  parameters: {
    limit: integer({
      description: 'How many files it may have open. Without it, as many as it has now, and `spare` more.',
      minimum: 1,
      optional: true,
      examples: [64],
    }),
    spare: integer({
      description: 'How many more than it has open now, when no `limit` is given.',
      minimum: 0,
      default: 0,
    }),
    tree: flag({
      description:
        'Whether its descendants are limited as well, each by itself. With `npm start` or a wrapper script, the server is one of those.',
      default: true,
    }),
  },
  held: true,
  alone: () => 'file limit',
  inject({ limit, spare, tree }, { target }) {
    if (!target) throw new Error('file-descriptors needs a target');
    return {
      inject: [{ op: 'limit-files', target: target.id, tree, ...(limit === undefined ? { spare } : { limit }) }],
      undo: [{ op: 'restore-files', target: target.id, tree }],
    };
  },
  observe: { inForce: limitBegun, total: limitHeld, gone: limitEnded },
  examples: [
    {
      title: 'The service cannot open one more connection',
      step: { inject: 'file-descriptors', target: 'orders', for: '10s' },
    },
    {
      title: 'The database may have 50 files open',
      step: { inject: 'file-descriptors', target: 'postgres', with: { limit: 50 }, for: '30s' },
    },
  ],
});
