import { configDefaults, defineConfig } from 'vitest/config';
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

/**
 * Files that load no backend and leave nothing behind in their process: one process does many of them. Loading the library
 * anew for each would take as long as the tests.
 */
const SHARING = [
  'annotations',
  'augment',
  'core',
  'io',
  'kernels',
  'prepare',
  'property',
  'report',
  'stream',
  'targets',
].map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...SHARING],
        },
      },
      { extends: true, test: { name: 'together', include: SHARING, isolate: false } },
    ],
    // Forks, not threads: native TensorFlow and the worker pool want a process of their own.
    pool: 'forks',
    // One more than processors: some tests wait for servers, processes and clocks.
    maxWorkers: 3,
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
