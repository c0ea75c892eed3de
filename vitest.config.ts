import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build-if-stale.ts'],
    pool: 'forks',
    maxWorkers: 3,
    // Game days that run side by side share two processors; more of them would measure each other.
    maxConcurrency: 3,
    // What runs on real processes, packets and disks is sometimes disturbed by a neighbour; vitest says what was tried again.
    retry: process.env.CI ? 2 : 0,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
