/** The source files of a new plugin and of its tests, as text: they are the same for every name. */

export const VIGNETTE = `/**
 * Darkens towards the corners, as a simple lens does: out = in · (1 − strength · r²), where r is the distance
 * from the middle, 1 in the corners.
 */
import { between, defineTransform, interval, plusMinus, z } from 'rxaug/plugin';

export const vignette = defineTransform({
  name: 'vignette',
  /** What a user may say; schedules such as linear(0, 1) are numbers too. */
  options: z.strictObject({
    /** [low, high] of how much darker the corners are. */
    strength: interval(0, 1).default([0.2, 0.6]),
    /** How far off the middle the brightest place may be, as a share of the image. */
    offset: z.number().min(0).max(0.5).default(0),
  }),
  /** What a draw holds: plain JSON from which the same pixels can be made again. */
  params: z.strictObject({ strength: z.number().min(0).max(1), x: z.number(), y: z.number() }),
  /** Options at a strength in [0, 1], for policies; 0 changes nothing. */
  magnitude: (strength) => ({ strength: [strength, strength] as [number, number] }),
  /** Randomness becomes parameters; the size of the image is not known yet. */
  draw: (draws, { strength, offset }) => ({
    strength: between(draws, strength),
    x: 0.5 + between(draws, plusMinus(offset)),
    y: 0.5 + between(draws, plusMinus(offset)),
  }),
  /** What the parameters do to pixels. */
  lower({ strength, x, y }, plan) {
    if (strength === 0) return;
    const { width, height } = plan;
    // row is [W, 3] uint8, changed in place.
    plan.row('darken', (row, j) => {
      const dy = (j + 0.5) / height - y;
      for (let i = 0; i < width; i++) {
        const dx = (i + 0.5) / width - x;
        const factor = Math.max(0, 1 - 2 * strength * (dx * dx + dy * dy));
        for (let c = 3 * i; c < 3 * i + 3; c++) row[c] = Math.round(factor * row[c]!);
      }
    });
  },
});
`;

export const GENTLE = `/**
 * A policy: one small change out of three, of strength m out of 10. As a string in a pipeline that names the
 * plugin: policy('gentle-m3', plugins).
 */
import { brightness, contrast, oneOf, parseOptions, z } from 'rxaug/plugin';
import { vignette } from './vignette.ts';

const options = z.strictObject({ m: z.number().min(0).max(10).default(3) });

export function gentle(given: z.input<typeof options> = {}) {
  const strength = parseOptions('gentle', options, given).m / 10;
  return oneOf(vignette({ strength: [0, strength] }), brightness(strength), contrast(strength));
}
`;

export const DOTS = `/**
 * A source: pictures with few or many white dots on black, made as they are asked for; seed, epochs and shuffle
 * are those of every source. Pixels are [side, side, 3] uint8.
 */
import { Draws, fold, keyOf, parseOptions, samples, sourceOptions, z } from 'rxaug/plugin';

const options = sourceOptions.extend({
  /** Pictures in an epoch. */
  count: z.int().min(1).default(100),
  /** Pixels of a side. */
  side: z.int().min(8).default(32),
});

export function dots(given: z.input<typeof options> = {}) {
  const { count, side, ...source } = parseOptions('dots', options, given);
  const item = (index: number) => {
    const label = index % 2;
    const draws = new Draws(fold(keyOf(source.seed), index));
    const data = new Uint8Array(3 * side * side);
    for (let i = 0; i < 4 + 12 * label; i++) {
      const at = 3 * draws.int(side * side);
      data.fill(255, at, at + 3);
    }
    return {
      id: \`dots/\${index}\`,
      label,
      image: { kind: 'pixels', data, width: side, height: side, channels: 3 } as const,
    };
  };
  return samples({ name: 'dots', classes: ['few', 'many'], length: count, item }, source);
}
`;

export const MANIFEST = `/** A sink: a line of JSON for each sample of the batches that pass, with the draws that made it. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { type Batch, parseOptions, z } from 'rxaug/plugin';
import { tap } from 'rxjs';

export function manifest(path: string) {
  const file = parseOptions('manifest: path', z.string().min(1), path);
  return tap<Batch>({
    subscribe: () => writeFileSync(file, ''),
    next: ({ epoch, samples }) => {
      const lines = samples.map(({ id, label, recipe }) => JSON.stringify({ epoch, id, label, recipe }));
      appendFileSync(file, lines.map((line) => \`\${line}\\n\`).join(''));
    },
  });
}
`;

export const VIGNETTE_TEST = `/** What every transform must keep; see the checks by name when the test runs. */
import { transformContract } from 'rxaug/testing';
import { describe, test } from 'vitest';
import { vignette } from '../src/vignette.ts';

describe('vignette', () => {
  const cases = [{}, { strength: [0, 1], offset: 0.3 }];
  for (const { name, run } of transformContract({ factory: vignette, cases })) test(name, run);
});
`;

export const PARTS_TEST = `/** The policy, the source and the sink. */
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
  expect(batches.map(({ size, width }) => [size, width])).toEqual([[5, 16], [5, 16]]);
  const lines = readFileSync(file, 'utf8').trim().split('\\n').map((line) => JSON.parse(line));
  expect(lines.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, i) => \`dots/\${i}\`));
});
`;
