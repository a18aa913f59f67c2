/** Stages of batches in a space: proposed, applied, written, read back, exported, reported. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Observable } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completed, exportPython, normalize, policy, STATISTICS } from '../../../src/augment/index.js';
import { type Batch, keyOf, type Sample } from '../../../src/core/index.js';
import { criticParts } from '../../../src/gan/adversarial/critic.js';
import { buildGan } from '../../../src/gan/adversarial/gan.js';
import { buildCoder, partsOf } from '../../../src/gan/autoencoder/autoencoder.js';
import { Autoencoder, autoencoder, Generator, gan } from '../../../src/gan/index.js';
import { initializeParts, type Part } from '../../../src/gan/part.js';
import { checkProblem, rehearse } from '../../../src/search/check-problem.js';
import { loadImages } from '../../../src/search/data/images.js';
import { augmentationOf } from '../../../src/search/policy/augmentation.js';
import { stagesOf } from '../../../src/search/policy/batch-stages.js';
import { equalOdds } from '../../../src/search/policy/equal-odds.js';
import { operatorOf, policyJson, policyText } from '../../../src/search/policy/operator.js';
import type { PolicySetting } from '../../../src/search/policy/policy.js';
import {
  numberCount,
  numbersOfPolicy,
  policyFromNumbers,
} from '../../../src/search/policy/policy-numbers.js';
import { policyStages } from '../../../src/search/policy/policy-stages.js';
import { randomPolicy, uniformPolicy } from '../../../src/search/policy/random-policy.js';
import { strengthOf } from '../../../src/search/policy/strength.js';
import { withStrength } from '../../../src/search/policy/with-strength.js';
import { appliedOf } from '../../../src/search/report/applied.js';
import {
  cutmixStage,
  ganMixStage,
  latentNoiseStage,
  mixupStage,
} from '../../../src/search/space/batch-stage.js';
import { type SearchSpace, searchSpace } from '../../../src/search/space/search-space.js';
import { density } from '../../../src/search/strategies/density.js';
import { behind, runTrial } from '../../../src/search/trial/run-trial.js';
import { opsIn, without } from '../../../src/search/worth.js';
import { batch } from '../../../src/stream/batch.js';
import { pull } from '../../../src/stream/demand.js';
import { samples } from '../../../src/stream/source.js';
import { useBackend } from '../../train/golden.js';
import { made, problem } from '../data/make.js';
import { contextOf } from '../strategies/run.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-batch-stages-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const look = { input: [8, 8, 3], classes: ['dark', 'bright'] };
const stateOf = (parts: Part[]) => ({ ...initializeParts(parts, keyOf(3)), slots: {} });
let coder: Autoencoder;
let generator: Generator;
/** Mixing is named first, but acts last. */
let space: SearchSpace;
beforeAll(async () => {
  await useBackend('wasm');
  const codes = buildCoder(autoencoder({ latent: 5, width: 8 }), look);
  coder = new Autoencoder(codes, stateOf(partsOf(codes)));
  const images = buildGan(gan({ latent: 4, width: 4, criticWidth: 4 }), look);
  generator = new Generator(images, stateOf([images.generator, ...criticParts(images.critic)]));
  space = searchSpace({
    only: ['rotate', 'brightness'],
    subPolicies: 1,
    batchStages: [
      mixupStage({ alpha: [0.1, 0.5] }),
      cutmixStage(),
      await latentNoiseStage(coder, { sigma: [0, 0.8] }),
      await ganMixStage(generator),
    ],
  });
});
afterAll(() => {
  coder.dispose();
  generator.dispose();
});

const found: PolicySetting = {
  subPolicies: [{ weight: 1, stages: [[{ op: 'rotate', weight: 1, p: 0.5, low: -20, high: 20 }]] }],
  batchStages: [
    { stage: 'mixup', share: 0.75, strength: 0.4 },
    { stage: 'cutmix', share: 0, strength: 0.5 },
    { stage: 'latentNoise', share: 0.5, strength: 0.6 },
    { stage: 'ganMix', share: 0.25 },
  ],
};

const images$ = () => samples(made({ count: 16 }), { seed: 5, epochs: 2 });
const rendered = (samples$: Observable<Sample>) =>
  samples$.pipe(normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
async function bytes(batches$: Observable<Batch>): Promise<string> {
  const all: unknown[] = [];
  for await (const one of pull(batches$)) {
    using held = one;
    all.push(
      [...held.images],
      held.soft && [...held.soft],
      held.recipe.map(({ op }) => op),
    );
  }
  return JSON.stringify(all);
}
const file = (name: string, text: string) => {
  const path = join(root, name);
  writeFileSync(path, text);
  return path;
};

describe('proposals', () => {
  it('random and uniform policies draw shares in 0..1 and strengths within the bounds', () => {
    for (const make of [randomPolicy, uniformPolicy]) {
      const all = Array.from({ length: 200 }, (_, i) => make(space, keyOf(i)).batchStages ?? []);
      for (const name of ['latentNoise', 'ganMix', 'mixup', 'cutmix']) {
        const own = all.map((stages) => stages.find(({ stage }) => stage === name));
        const shares = own.map((one) => one?.share as number);
        expect(Math.min(...shares)).toBeLessThan(0.05);
        expect(Math.max(...shares)).toBeGreaterThan(0.95);
      }
      const alphas = all.map((stages) => stages.find(({ stage }) => stage === 'mixup')?.strength as number);
      expect(Math.min(...alphas)).toBeGreaterThanOrEqual(0.1);
      expect(Math.min(...alphas)).toBeLessThan(0.13);
      expect(Math.max(...alphas)).toBeLessThanOrEqual(0.5);
      expect(Math.max(...alphas)).toBeGreaterThan(0.47);
    }
  });

  it('numbers describe them, there and back', () => {
    const values = Array.from({ length: numberCount(space) }, (_, i) => ((i * 0.37) % 0.9) + 0.05);
    expect(numberCount(space)).toBe(4 + 4 + 2 + 1 + 2 + 2);
    const again = numbersOfPolicy(space, policyFromNumbers(space, values));
    for (const [i, value] of values.entries()) expect(again[i]).toBeCloseTo(value, 10);
  });

  it('where every op is as likely they are further stages in the row: the share of untouched images holds', () => {
    const even = equalOdds(space, { stages: 2, untouched: 0.25, cap: 0.5, magnitudes: 'at' });
    const chances = [
      ...(even.subPolicies[0]?.stages.map((stage) => stage[0]?.p as number) ?? []),
      ...(even.batchStages ?? []).map(({ share }) => share),
    ];
    expect(chances).toHaveLength(6);
    expect(chances.reduce((left, p) => left * (1 - p), 1)).toBeCloseTo(0.25, 10);
    expect(even.batchStages?.map(({ strength }) => strength)).toEqual([0.4, undefined, 0.25, 0.5]);
  });

  it('count in the strength, which can be brought to any value', () => {
    const only = { subPolicies: [], batchStages: [{ stage: 'mixup', share: 0.5, strength: 0.25 }] };
    expect(strengthOf(space, only)).toBeCloseTo(0.25, 10);
    for (const wanted of [0.1, 0.3, 0.9]) {
      const same = withStrength(space, only, wanted);
      expect(strengthOf(space, same as PolicySetting)).toBeCloseTo(wanted, 6);
    }
    expect(withStrength(space, only, 1.1)).toBeUndefined();
  });

  it('refuses what is no stage, and names that are there twice', () => {
    const of = (...batchStages: never[]) => searchSpace({ batchStages });
    expect(() => of({ name: 'mixup' } as never)).toThrow(/batchStages\[0\]: expected a batch stage/);
    expect(() => of(mixupStage() as never, mixupStage() as never)).toThrow(
      "searchSpace: 'mixup' is there twice",
    );
    expect(() => mixupStage({ alpha: [0.5, 0.1] })).toThrow('mixupStage: alpha: expected low ≤ high');
  });
});

describe('a policy with stages of batches', () => {
  it('does the same to batches from the search and from its file, models first', async () => {
    const path = file('found.json', policyText(space, found));
    const { operators, stages } = augmentationOf(space, found);
    const own = behind(rendered(operators.reduce((all$, one) => all$.pipe(one), images$())), stages);
    const read$ = rendered(images$().pipe(policy(path, {}, { stages: 'elsewhere' })));
    const models = { latentNoise: coder, ganMix: generator };
    const travelled = policyStages(path, { models })(read$);
    const expected = await bytes(own);
    expect(await bytes(travelled)).toBe(expected);
    expect(expected).toContain('"ganMix","mixup"');
    expect(await bytes(rendered(images$()))).not.toBe(expected);
  });

  it('is refused by name where only samples are seen, unless told that the rest is applied elsewhere', () => {
    const path = file('samples.json', policyText(space, found));
    expect(() => policy(path)).toThrow(
      /batches too \(latentNoise, ganMix, mixup\); apply them behind batch\(\) by/,
    );
    expect(() => operatorOf(space, found)).toThrow(
      /does something to batches \(latentNoise, ganMix, mixup\)/,
    );
    expect(() => policy('trivial-wide', {}, { stages: 'elsewhere' })).not.toThrow();
  });

  it('takes the models that the file names, all of them and no others', async () => {
    const path = file('models.json', policyText(space, found));
    expect(() => policyStages(path, { models: { latentNoise: coder } })).toThrow(
      /ganMix needs its model; give it as models/,
    );
    const images = buildGan(gan({ latent: 4, width: 4, criticWidth: 4 }), look);
    const other = new Generator(images, {
      ...initializeParts([images.generator, ...criticParts(images.critic)], keyOf(4)),
      slots: {},
    });
    const misled$ = rendered(images$()).pipe(
      policyStages(path, { models: { latentNoise: coder, ganMix: other } }),
    );
    await expect(bytes(misled$)).rejects.toThrow(
      /ganMix: model: expected [0-9a-f]{64} but received .*; load the model of the search/,
    );
    other.dispose();
    const mixing = file(
      'mixing.json',
      policyText(space, { ...found, batchStages: found.batchStages?.slice(0, 1) }),
    );
    expect(() => policyStages(mixing, { models: { ganMix: generator } })).toThrow(
      "has no stage for the model of 'ganMix'; take it out of models",
    );
    const none = file('none.json', policyText(space, { subPolicies: found.subPolicies }));
    expect(await bytes(policyStages(none)(rendered(images$())))).toBe(await bytes(rendered(images$())));
    const json = policyJson(space, found);
    const odd = { ...json, stages: json.stages?.map((one) => ({ ...one, op: 'magic' })) };
    expect(() => policyStages(file('odd.json', JSON.stringify(odd)))).toThrow("unknown stage 'magic'");
    const short = { ...json, stages: json.stages?.map((one) => ({ ...one, model: 'abc' })) };
    expect(() => policyStages(file('short.json', JSON.stringify(short)))).toThrow(/expected a SHA-256/);
  });

  it('exports what mixes to torchvision; what needs a model, and all of it to albumentations, is refused by name', () => {
    const mixes = completed(policyJson(space, { ...found, batchStages: found.batchStages?.slice(0, 1) }));
    const { code } = exportPython(mixes, { to: 'torchvision', source: 'found' });
    expect(code).toMatch(/v2\.MixUp\(alpha=0\.4, num_classes=NUM_CLASSES\)/);
    expect(code).toContain('p=0.75');
    const all = completed(policyJson(space, found));
    expect(() => exportPython(mixes, { to: 'albumentations', source: 'found' })).toThrow(/^export: mixup: /);
    expect(() => exportPython(all, { to: 'torchvision', source: 'found' })).toThrow(/^export: latentNoise: /);
    const { skipped } = exportPython(all, { to: 'torchvision', source: 'found', skipUnknown: true });
    expect(skipped.map((sentence) => sentence.split(':')[0])).toEqual(['latentNoise', 'ganMix']);
  });

  it('is reported: share, strength, and what it would be without', () => {
    const { ops, count } = appliedOf(found, space);
    const [noise, images, mix, cut] = ops.filter((op) => op.onBatches);
    expect(noise).toMatchObject({ op: 'latentNoise', share: 0.5, magnitude: { mean: 0.6, sd: 0 } });
    expect(noise?.strength).toBeCloseTo(0.5 * 0.75, 10);
    expect(images).toMatchObject({ op: 'ganMix', share: 0.25, strength: 0.25 });
    expect(mix).toMatchObject({ op: 'mixup', share: 0.75, bounds: { unit: 'alpha' } });
    expect(cut).toMatchObject({ op: 'cutmix', share: 0, strength: 0 });
    expect(count).toBeCloseTo(0.5 + 0.5 + 0.25 + 0.75, 10);
    expect(opsIn(found)).toEqual(['rotate', 'mixup', 'latentNoise', 'ganMix']);
    expect(without(found, 'mixup').batchStages?.map(({ stage }) => stage)).toEqual([
      'cutmix',
      'latentNoise',
      'ganMix',
    ]);
  });

  it.each([
    [
      'an unknown stage',
      [{ stage: 'mixupp', share: 1, strength: 0.2 }],
      "no batch stage 'mixupp'; did you mean 'mixup'?",
    ],
    [
      'a share out of range',
      [{ stage: 'ganMix', share: 1.5 }],
      'policy: ganMix: share: expected a number in 0..1',
    ],
    [
      'a strength out of bounds',
      [{ stage: 'mixup', share: 1, strength: 2 }],
      'mixup: strength: expected a number in 0.1..0.5',
    ],
    [
      'a strength where there is none',
      [{ stage: 'ganMix', share: 1, strength: 1 }],
      'ganMix: strength: expected none',
    ],
    ['one twice', [1, 2].map(() => ({ stage: 'ganMix', share: 1 })), "batch stage 'ganMix' is there twice"],
  ])('refuses %s', (_, batchStages, said) => {
    expect(() => stagesOf(space, { subPolicies: [], batchStages })).toThrow(said);
  });
});

describe('a search with stages of batches', () => {
  const given = () => problem({ space });

  it('where the strategy does not search them, they stay at their start, and the account says so', async () => {
    const context = contextOf({ space });
    const strategy = density({ scorer: Object.assign(async () => 0, { seconds: () => 1 }), candidates: 10 });
    const candidates = await strategy.propose([], context);
    expect(candidates.map(({ policy }) => policy.batchStages)).toEqual(candidates.map(() => undefined));
    const history = candidates.map((one) => ({ ...one, score: 0 }));
    expect((await strategy.conclude(history, context)).batchStages).toEqual([
      { stage: 'latentNoise', share: 0.5, strength: 0.4 },
      { stage: 'ganMix', share: 0.5 },
      { stage: 'mixup', share: 0.5, strength: 0.3 },
      { stage: 'cutmix', share: 0.5, strength: 0.5 },
    ]);
    const account = await strategy.account?.(history, context);
    expect(account?.atStart).toEqual(['latentNoise', 'ganMix', 'mixup', 'cutmix']);
    expect(account?.trace).toHaveLength(10);
  });

  it('trains under them', async () => {
    const train = await loadImages(made({ count: 40 }), { size: 8, channels: 3, name: 'train' });
    const run = (dir: string, batchStages: PolicySetting['batchStages']) =>
      runTrial({
        problem: given(),
        train,
        evaluation: train,
        ...augmentationOf(space, { subPolicies: [], batchStages }),
        ...{ seed: 1, pair: 0, dir: join(root, dir), backend: 'wasm' },
      });
    const plain = await run('plain', []);
    const mixed = await run('mixed', [{ stage: 'mixup', share: 1, strength: 0.5 }]);
    const generated = await run('generated', [{ stage: 'ganMix', share: 1 }]);
    expect(new Set([plain, mixed, generated].map((one) => one?.loss)).size).toBe(3);
  });

  it('refuses models whose images are not in [−1, 1], and images that do not fit the model, before anything is trained', async () => {
    const other = { ...given(), statistics: { mean: [0.4, 0.5, 0.5], std: [0.5, 0.5, 0.5] } };
    expect(() => checkProblem(other)).toThrow(
      "'latentNoise', 'ganMix' computes on images in [−1, 1]; set statistics to STATISTICS.symmetric",
    );
    expect(() => checkProblem(given())).not.toThrow();
    const large = await loadImages(made({ count: 4, size: 12 }), { size: 12, channels: 3, name: 'train' });
    await expect(rehearse({ ...given(), size: 12 }, large)).rejects.toThrow(
      /^search: space: batch stage 'latentNoise': cannot be applied to the images of train \(.*12.*\); leave it out/,
    );
    const fits = await loadImages(made({ count: 8 }), { size: 8, channels: 3, name: 'train' });
    await rehearse(given(), fits);
  });
});
