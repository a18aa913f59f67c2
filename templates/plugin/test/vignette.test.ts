/** What every transform must keep; see the checks by name when the test runs. */
import { transformContract } from 'rxaug/testing';
import { describe, test } from 'vitest';
import { vignette } from '../src/vignette.ts';

describe('vignette', () => {
  const cases = [{}, { strength: [0, 1], offset: 0.3 }];
  for (const { name, run } of transformContract({ factory: vignette, cases })) test(name, run);
});
