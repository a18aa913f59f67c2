import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Forks, not threads: native TensorFlow and the worker pool want a process of their own.
    pool: 'forks',
    maxWorkers: 2,
    // No test is about time: a busy machine must not fail one. This only ends what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    allowOnly: false,
    // `npm run coverage`. Worker threads and child processes run from dist and are not counted.
    coverage: {
      include: ['src/**/*.ts'],
      exclude: ['src/kernels/assembly/**'],
      reporter: ['text-summary', 'html'],
    },
  },
});
