import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Synthesis takes a second or two on a busy machine; no test is about time.
    // One process that loads the CDK once: its import and each synthesis take seconds, the tests themselves none.
    isolate: false,
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
