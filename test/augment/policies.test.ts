/** Policies: each operation does what torchvision's does, and is drawn as often and as strongly. */
import { readFileSync } from 'node:fs';
import { firstValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  augMix,
  augMixTriples,
  autoAugment,
  Engine,
  Executor,
  horizontalFlip,
  lower,
  ops,
  parseRecipe,
  policy,
  randAugment,
  type SampleOperator,
  staged,
  threeAugment,
  timmAugMix,
  timmAutoAugment,
  timmRandAugment,
  trivialAugment,
  uniformAugment,
} from '../../src/augment/index.js';
import { AUGMIX } from '../../src/augment/policies/aug-mix.js';
import { drawOp, FOURTEEN, type Reach, STANDARD, WIDE } from '../../src/augment/policies/spaces.js';
import { type Draw, Draws, fold, keyOf, linear } from '../../src/core/index.js';
import { samples } from '../../src/stream/index.js';

const golden = JSON.parse(
  readFileSync(new URL('../golden/policies/policies.json', import.meta.url), 'utf8'),
) as {
  width: number;
  height: number;
  image: string;
  cases: { space: string; op: string; level: number; sign: number; pixels: string }[];
};
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));
const registry = ops();
const engine = new Engine();
const { width, height } = golden;
const REACHES: Record<string, Reach> = {
  standard: STANDARD,
  wide: WIDE,
  augmix: AUGMIX,
};
const look = { interpolation: 'nearest', fill: [0, 0, 0] } as const;

function render(recipe: readonly Draw[], which: Engine | Executor = engine, fuse = true): Uint8Array {
  const plan = lower(recipe, width, height, registry, fuse);
  const data = new Uint8Array(3 * plan.width * plan.height);
  which.run(
    plan,
    { data: bytes(golden.image), width, height },
    { data, width: plan.width, height: plan.height, dtype: 'uint8', layout: 'HWC' },
  );
  return data;
}

/** A cursor whose next sign is the one wanted. */
function signed(sign: number): Draws {
  for (let i = 0; ; i++) if (new Draws(keyOf(i)).chance(0.5) === sign < 0) return new Draws(keyOf(i));
}

describe('operations', () => {
  for (const { space, op, level, sign, pixels } of golden.cases) {
    it(`${op} ${sign > 0 ? '+' : '−'}${level.toFixed(2)} (${space}) equals torchvision`, () => {
      const ours = render(drawOp(signed(sign), op, level, REACHES[space] as Reach, look));
      const theirs = bytes(pixels);
      let off = 0;
      for (let i = 0; i < ours.length; i++)
        if (Math.abs((ours[i] as number) - (theirs[i] as number)) > 1) off++;
      // The nearest of two pixels that are as near may be the other one.
      expect(off / ours.length).toBeLessThan(['Rotate', 'ShearX', 'ShearY'].includes(op) ? 0.04 : 1e-9);
    });
  }
});

const policies: Record<string, SampleOperator> = {
  randAugment: randAugment({ deviation: 2 }),
  trivialAugment: trivialAugment(),
  uniformAugment: uniformAugment(),
  autoCifar10: autoAugment('cifar10'),
  autoSvhn: autoAugment('svhn'),
  autoImagenet: autoAugment(),
  augMix: augMix(),
  threeAugment: threeAugment(),
  timmRandAugment: timmRandAugment({ deviation: 2, chance: 0.9 }),
  timmAutoAugment: timmAutoAugment('original'),
  timmAugMix: timmAugMix(),
};

describe('policies', () => {
  for (const [name, { transform }] of Object.entries(policies)) {
    it(`${name}: keyed, replayed from JSON, fused as alone`, () => {
      for (let seed = 0; seed < 40; seed++) {
        const key = fold(keyOf(seed), 1);
        const recipe = transform.draw(key, 0);
        expect(transform.draw(key, 0)).toEqual(recipe);
        const parsed = parseRecipe(JSON.stringify(recipe), registry);
        const picture = Buffer.from(render(recipe));
        expect(picture.equals(Buffer.from(render(parsed)))).toBe(true);
        expect(picture.equals(Buffer.from(render(recipe, new Executor(), false)))).toBe(true);
      }
    });
  }

  it('choose every operation equally often, at the right level', () => {
    const counts = new Map<string, number>();
    const { transform } = randAugment({
      n: 1,
      operations: ['Rotate', 'Equalize', 'Posterize', 'Brightness'],
    });
    const angles: number[] = [];
    for (let i = 0; i < 4000; i++) {
      const [draw] = transform.draw(keyOf(i), 0);
      counts.set(draw?.op ?? '', (counts.get(draw?.op ?? '') ?? 0) + 1);
      if (draw?.op === 'rotate') angles.push(draw.params.angle as number);
      if (draw?.op === 'posterize') expect(draw.params.bits).toBe(7);
    }
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(750));
    expect(new Set(angles)).toEqual(new Set([9, -9]));
    const right = angles.filter((angle) => angle > 0).length;
    expect(Math.abs(right - angles.length / 2)).toBeLessThan(2 * Math.sqrt(angles.length));
  });

  it('blend by the formula of AugMix', () => {
    for (let i = 0; i < 50; i++) {
      const [draw] = augMix().transform.draw(keyOf(i), 0);
      const { branches, weights } = (draw as Draw).params as { branches: Draw[][]; weights: number[] };
      expect(branches[0]).toEqual([]);
      expect(branches).toHaveLength(4);
      expect(branches.every((branch) => branch.length <= 3)).toBe(true);
      expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 9);
    }
  });

  it('mix with shares that sum to one, however small alpha is', () => {
    for (const { transform } of [augMix({ alpha: 1e-4 }), timmAugMix({ alpha: 1e-4 })]) {
      const chosen = new Set<number>();
      for (let i = 0; i < 300; i++) {
        const weights = transform.draw(keyOf(i), 0)[0]!.params.weights as number[];
        expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 6);
        chosen.add(weights.indexOf(Math.max(...weights)));
      }
      expect(chosen.size).toBe(4);
    }
  });

  it('augMix triples hold the original and two mixed versions', async () => {
    const image = { kind: 'pixels', data: bytes(golden.image), width, height, channels: 3 } as const;
    const item = (i: number) => ({ id: `${i}`, label: i, image });
    const set = { name: 'made', classes: ['a', 'b'], length: 2, item };
    const rows = await firstValueFrom(
      samples(set).pipe(horizontalFlip({ p: 0 }), augMixTriples(), toArray()),
    );
    expect(rows.map(({ label }) => label)).toEqual([0, 0, 0, 1, 1, 1]);
    expect(rows.map(({ recipe }) => recipe.length)).toEqual([0, 1, 1, 0, 1, 1]);
    expect(rows[1]?.recipe).not.toEqual(rows[2]?.recipe);
    expect(rows[1]?.recipe).not.toEqual(rows[4]?.recipe);
  });

  it('follow schedules and stages', () => {
    const rising = randAugment({ n: 1, m: linear(0, 30), operations: ['Rotate'] }).transform;
    expect(Math.abs(rising.draw(keyOf(1), 1)[0]?.params.angle as number)).toBeCloseTo(30, 9);
    expect(Math.abs(rising.draw(keyOf(1), 0)[0]?.params.angle as number)).toBeCloseTo(0, 9);
    const pba = staged(
      [0, randAugment({ n: 0 })],
      [0.5, randAugment({ n: 2, operations: ['Invert'] })],
    ).transform;
    expect(pba.draw(keyOf(1), 0.49)).toEqual([]);
    expect(pba.draw(keyOf(1), 0.5)).toHaveLength(2);
  });

  it('fit in a string', () => {
    const draws = ({ transform }: SampleOperator) =>
      Array.from({ length: 20 }, (_, i) => transform.draw(keyOf(i), 0));
    expect(draws(policy('trivial-wide'))).toEqual(draws(trivialAugment()));
    expect(draws(policy('auto-cifar10'))).toEqual(draws(autoAugment('cifar10')));
  });

  it('that are unknown or out of range are refused in one sentence', () => {
    expect(() => policy('uniform-q4')).toThrow(/expected parts nNUMBER but received 'q4' in 'uniform-q4'/);
    expect(() => policy('trivial-wild')).toThrow(
      /unknown policy 'trivial-wild'; did you mean 'trivial-wide'/,
    );
    expect(() => randAugment({ operations: ['Rotat'] })).toThrow(
      /randAugment: unknown operation 'Rotat'; did you mean 'Rotate'/,
    );
    expect(() => randAugment({ m: 31 })).toThrow(/expected m below the number of bins, 31, but received 31/);
    expect(() => augMix({ depth: [3, 1] })).toThrow(/augMix: depth: expected \[least, most\]/);
    expect(() => staged([0.5, trivialAugment()])).toThrow(/staged: expected a first stage from progress 0/);
    expect(FOURTEEN).toHaveLength(14);
  });
});
