import { describe, expect, it } from 'vitest';
import { memoryOf } from '../../../src/core/children/memory.js';

describe.runIf(process.platform === 'linux')('memoryOf', () => {
  it('is what the process says of itself, to a few megabytes', () => {
    const said = process.memoryUsage.rss();
    expect(Math.abs((memoryOf(process.pid) as number) - said)).toBeLessThan(32 << 20);
  });

  it('is undefined for a process that is not there', () => {
    expect(memoryOf(2 ** 30)).toBeUndefined();
  });
});
