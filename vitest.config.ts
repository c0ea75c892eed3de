import { configDefaults, defineConfig } from 'vitest/config';

/** Emulates a whole machine, and so takes all of this one's processors for minutes: it runs by itself, when the others have ended. */
const emulated = 'test/system/netem.test.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 3,
    // Game days that run side by side share two processors; more of them would measure each other.
    maxConcurrency: 3,
    // What runs on real processes, packets and disks is sometimes disturbed by a neighbour; vitest says what was tried again.
    retry: process.env.CI ? 2 : 0,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    globalSetup: ['test/support/build-if-stale.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, emulated],
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'alone', include: [emulated], sequence: { groupOrder: 1 } } },
    ],
  },
});
