import { describe } from 'vitest';
import { findPjrtPlugin } from '../../../src/graph/pjrt/index.js';

/** Tests that need a PJRT plugin; skipped where none is found, which the title says. */
export function withPlugin(title: string, tests: () => void): void {
  const here = findPjrtPlugin() !== undefined;
  describe.skipIf(!here)(`${title}${here ? '' : ' (no PJRT plugin is here: rxaug setup --xla cpu)'}`, tests);
}
