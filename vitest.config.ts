import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take minutes begin first: at the end each would run alone, on one of two processors. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

const LONG =
  /\/(train\/compiled|e2e\/(search|search-pipelines|pipelines|plugins)|cluster\/search|faults\/(queue|prepare)-kill)\b/;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Forks, not threads: native TensorFlow and the worker pool want a process of their own.
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
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
