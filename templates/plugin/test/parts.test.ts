/** The policy, the source and the sink. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batch, policy } from 'rxaug';
import { lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import plugin, { dots, manifest } from '../src/index.ts';

test('the policy makes one change to each sample', async () => {
  const names = async (text: string) => {
    const samples = await lastValueFrom(
      dots({ count: 50 }).pipe(policy(text, { [plugin.name]: plugin }), toArray()),
    );
    return samples.map(({ recipe }) => recipe.map(({ op }) => op).join());
  };
  expect(new Set(await names('gentle-m5'))).toEqual(new Set(['vignette', 'brightness', 'contrast']));
  await expect(names('gentle-m11')).rejects.toThrow('gentle: m: expected');
});

test('the sink writes down what the source gave', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'manifest-')), 'seen.jsonl');
  const batches = await lastValueFrom(
    dots({ count: 10, side: 16 }).pipe(batch(5, { workers: 0 }), manifest(file), toArray()),
  );
  expect(batches.map(({ size, width }) => [size, width])).toEqual([
    [5, 16],
    [5, 16],
  ]);
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, i) => `dots/${i}`));
});
