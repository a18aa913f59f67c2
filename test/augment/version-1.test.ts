/** Recipes and pipelines from before the renames of 0.2: they load, and render to the bytes of then. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import {
  addPlugin,
  batchOps,
  definePlugin,
  defineTransform,
  fog,
  mixupTransform,
  mosaicTransform,
  ops,
  padTo,
  parseRecipe,
  pipelineFromJson,
  type SampleOperator,
  TRANSFORMS,
} from '../../src/augment/index.js';
import { type Draw, fold, keyOf, RENAMED_TRANSFORMS, UsageError } from '../../src/core/index.js';
import { picture, render } from '../../src/testing/index.js';

interface Recorded {
  readonly recipes: readonly {
    name: string;
    recipe: Draw[];
    sha256: string;
    width: number;
    height: number;
  }[];
  readonly pipelines: readonly { name: string; pipeline: object; images: string[]; batch?: string }[];
}
const recorded: Recorded = JSON.parse(
  readFileSync(new URL('../golden/version1/recorded.json', import.meta.url), 'utf8'),
);
const sha = (data: Uint8Array | Float32Array) => createHash('sha256').update(data).digest('hex');
const image = picture(48, 36, 7);

describe('recipes recorded before 0.2', () => {
  test.each(recorded.recipes)('of $name render to the same bytes', ({ recipe, sha256, width, height }) => {
    const parsed = parseRecipe(recipe, ops());
    for (const fuse of [true, false]) {
      const out = render(parsed, image, { fuse });
      expect([out.width, out.height, sha(out.data)]).toEqual([width, height, sha256]);
    }
  });

  it('hold old names and options, which parseRecipe replaces by new ones', () => {
    const old = recorded.recipes.map(({ recipe }) => JSON.stringify(recipe)).join();
    for (const name of ['flip', 'quarterTurn', 'channelDrop', 'density', 'intensity', 'amount', 'to'])
      expect(old).toContain(`"${name}"`);
    const parsed = recorded.recipes.map(({ recipe }) => JSON.stringify(parseRecipe(recipe, ops()))).join();
    for (const name of ['flip', 'quarterTurn', 'channelDrop', 'density', 'intensity', 'amount', 'to'])
      expect(parsed).not.toContain(`"${name}"`);
  });

  it('with the old and the new name of one parameter are refused', () => {
    const params = { strength: 0.4, density: 0.4, patchiness: 0.5, color: [0, 0, 0], seed: [1, 2] };
    expect(() => parseRecipe([{ op: 'fog', params }], ops())).toThrow(
      "recipe[0] fog: unknown option 'density'; it is now 'strength'",
    );
  });
});

describe('pipelines of version 1', () => {
  test.each(recorded.pipelines)('$name: they draw and render as before', ({ pipeline, images, batch }) => {
    const { transforms, batch: mixes } = pipelineFromJson(pipeline);
    const rendered = images.map((_, i) => {
      const recipe = transforms.flatMap(({ transform }, k) => transform.draw(fold(keyOf(9), i, k), 0.4));
      return sha(render(recipe, image).data);
    });
    expect(rendered).toEqual(images);
    expect(mixes.length > 0).toBe(batch !== undefined);
    if (batch === undefined) return;
    const data = new Uint8Array(8 * 3 * 16 * 16).map((_, i) => (i * 7 + (i >> 8)) & 255);
    const pixels = { data, size: 8, width: 16, height: 16, layout: 'HWC' as const };
    for (const [k, mix] of mixes.entries())
      for (const draw of mix.draw(fold(keyOf(3), k), { size: 8, width: 16, height: 16, progress: 0.4 }))
        batchOps().get(draw.op).apply(draw.params, pixels);
    expect(sha(data)).toBe(batch);
  });

  it('load with every old name, alone and in choices', () => {
    for (const [old, now] of Object.entries(RENAMED_TRANSFORMS)) {
      const step = old === 'sometimes' ? { op: old, options: { p: 1, of: [{ op: 'flip' }] } } : { op: old };
      const nested = { op: 'oneOf', options: { of: [step] } };
      const [alone, within] = pipelineFromJson({ rxaug: 1, transforms: [step, nested] }).transforms;
      expect(alone?.transform.name).toBe(now);
      expect(within?.transform.options).toMatchObject({ of: [{ op: now }] });
    }
  });
});

describe('old options in code', () => {
  const CASES: [string, () => unknown, string][] = [
    ['fog', () => fog({ density: 0.4 } as object), "fog: unknown option 'density'; it is now 'strength'"],
    ['padTo', () => padTo({ size: 8, to: 8 } as never), "padTo: unknown option 'to'; it is now 'size'"],
    [
      'mixup',
      () => mixupTransform({ per: 'pair' } as object),
      "mixup: unknown option 'per'; it is now 'granularity'",
    ],
    [
      'mosaic',
      () => mosaicTransform({ centre: [0.3, 0.6] } as object),
      "mosaic: unknown option 'centre'; it is now 'center'",
    ],
  ];
  test.each(CASES)('of %s are refused with the new name', (_, make, message) => {
    expect(make).toThrow(new UsageError(message));
  });
});

describe('plugins that use an old name for a transform of their own', () => {
  const made = (name: string, option: string) =>
    defineTransform({
      name,
      options: z.strictObject({ [option]: z.number().default(9) }),
      params: z.strictObject({ [option]: z.number() }),
      draw: (_, given) => given as Record<string, number>,
      lower: (params, plan) => plan.lookUp(() => params[option] as number),
    });
  const registry = (factory: ReturnType<typeof made>) => {
    const known = ops();
    addPlugin(definePlugin({ name: 'own', transforms: [factory] }), known, batchOps());
    return known;
  };
  const maker = (factory: ReturnType<typeof made>) => ({
    name: factory.spec.name,
    make: (options: object) => factory(options as never) as SampleOperator,
  });

  test.each([
    ['flip', 'level'],
    ['mosaic', 'centre'],
  ])('%s with the option %s is the transform of the plugin, in recipes and pipelines', (name, option) => {
    const factory = made(name, option);
    const recipe = parseRecipe([{ op: name, params: { [option]: 5 } }], registry(factory));
    expect(recipe).toEqual([{ op: name, params: { [option]: 5 } }]);
    expect(new Set(render(recipe, image, { ops: registry(factory) }).data)).toEqual(new Set([5]));
    const json = { rxaug: 1, transforms: [{ op: name, options: { [option]: 5 } }] };
    const [operator] = pipelineFromJson(json, [maker(factory)]).transforms;
    expect(operator?.transform).toMatchObject({ name, options: { [option]: 5 } });
  });
});

it('no built-in transform has a name that was renamed', () => {
  const names = TRANSFORMS.map(({ spec }) => spec.name as string);
  expect(names.filter((name) => Object.hasOwn(RENAMED_TRANSFORMS, name))).toEqual([]);
});
