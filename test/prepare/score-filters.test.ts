/** Filters by a model's score: the numbers are those of the model, they decide as they say, and nothing is left out in silence. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { horizontalFlip, normalize, resize } from '../../src/augment/index.js';
import { childPool } from '../../src/core/children/pool.js';
import { keyOf, UsageError } from '../../src/core/index.js';
import { criticParts } from '../../src/gan/adversarial/critic.js';
import { buildGan } from '../../src/gan/adversarial/gan.js';
import { functionOnnx, Generator, gan } from '../../src/gan/index.js';
import { initializeParts } from '../../src/gan/part.js';
import { dryRun } from '../../src/prepare/dry-run.js';
import type { Filter } from '../../src/prepare/filters.js';
import { linesOf } from '../../src/prepare/jsonl.js';
import type { Facts } from '../../src/prepare/scan/facts.js';
import { classifierFilter, scoreFilter } from '../../src/prepare/score/filters.js';
import { ModelScorer } from '../../src/prepare/score/model-scorer.js';
import type { PrepareInit, PrepareResult, PrepareTask } from '../../src/prepare/work.js';
import { useBackend } from '../train/golden.js';
import { type Prepared, prepareHere } from './here.js';
import {
  brightness,
  COLORS,
  colorClassifier,
  critic,
  modelFolder,
  onnx,
  type Painted,
  painted,
  probabilitiesOf,
} from './score-models.js';

const { root, saved, freshOut } = modelFolder('scores');

const plain = [resize(8)];
const images: Record<string, Painted> = {
  'red/1.png': { rgb: [200, 20, 30], label: 0 },
  'red/2.png': { rgb: [120, 110, 100], label: 0 },
  'red/wrong.png': { rgb: [10, 220, 20], label: 0 },
  'green/1.png': { rgb: [30, 180, 40], label: 1 },
  'green/2.png': { rgb: [100, 105, 90], label: 1 },
  'blue/1.png': { rgb: [0, 0, 255], label: 2 },
};

let model: string;
beforeAll(async () => {
  await useBackend('cpu');
  model = saved(colorClassifier());
});

interface Run extends Prepared {
  readonly out: string;
  readonly refused: readonly Record<string, unknown>[];
  readonly facts: readonly Facts[];
}

async function run(
  filters: readonly Filter[],
  options: Parameters<typeof prepareHere>[2] = {},
): Promise<Run> {
  const out = freshOut();
  const source = await painted(join(root, 'images'), images);
  const prepared = await prepareHere({ source, filters, nearDuplicates: 'ignore' }, out, options);
  const refused = linesOf<Record<string, unknown>>(readFileSync(join(out, 'refused.jsonl')));
  const [, ...facts] = linesOf<Facts>(readFileSync(join(out, '.rxaug/scan.jsonl')));
  return { ...prepared, out, refused, facts };
}

const scoresIn = (facts: readonly Facts[]) => facts.map(({ scores }) => Object.values(scores ?? {})[0]);

describe('classifierFilter', () => {
  it('scores as softmax of the logits of each image, to six digits', async () => {
    const { facts } = await run([classifierFilter({ model, min: 0.01, transforms: plain })]);
    for (const [i, { rgb, label }] of Object.values(images).entries()) {
      const shares = probabilitiesOf(rgb);
      const { own, top, as } = scoresIn(facts)[i] as { own: number; top: number; as: number };
      expect(own).toBeCloseTo(shares[label]!, 4);
      expect(top).toBeCloseTo(Math.max(...shares), 4);
      expect(as).toBe(shares.indexOf(Math.max(...shares)));
      expect(String(own).length).toBeLessThan(14);
    }
  });

  it.each([
    [{ min: 0.2 }, ['red/wrong.png']],
    [{ max: 0.5 }, ['red/1.png', 'green/1.png', 'blue/1.png']],
    [{ min: 0.2, max: 0.5 }, ['red/1.png', 'red/wrong.png', 'green/1.png', 'blue/1.png']],
    [{ confidence: 0.6 }, ['red/2.png', 'green/2.png']],
    [{ min: 0.2, confidence: 0.6 }, ['red/2.png', 'red/wrong.png', 'green/2.png']],
  ])('%j leaves out %j', async (rule, gone) => {
    const { manifest, refused, facts } = await run([classifierFilter({ model, transforms: plain, ...rule })]);
    expect(refused.map(({ id }) => id)).toEqual(gone);
    expect(refused.every(({ by }) => by === 'classifier')).toBe(true);
    expect(manifest.refused).toEqual({ classifier: gone.length });
    expect(manifest.counts.images).toBe(6 - gone.length);
    const found = scoresIn(facts) as { own?: number; top: number }[];
    for (const { id, score, reason } of refused) {
      const { own, top } = found[Object.keys(images).indexOf(id as string)]!;
      expect([own, top]).toContain(score);
      expect(reason).toContain(String(score));
    }
  });

  it('says what a doubtful label is taken for', async () => {
    const { refused } = await run([classifierFilter({ model, transforms: plain, min: 0.2 })]);
    const [one] = refused;
    const shares = probabilitiesOf([10, 220, 20]);
    expect(one?.reason).toMatch(
      /^the classifier gives its label 0\.00\d+, below 0\.2, and takes it for 'green' by 0\.99\d+$/,
    );
    expect(one?.score).toBeCloseTo(shares[0]!, 5);
  });

  it('matches classes by name, whatever their numbers', async () => {
    const source = await painted(join(root, 'turned'), { 'a.png': { rgb: [0, 0, 255], label: 0 } }, [
      'blue',
      'red',
    ]);
    const filters = [classifierFilter({ model, transforms: plain, min: 0.9 })];
    const { manifest } = await prepareHere({ source, filters, nearDuplicates: 'ignore' }, freshOut());
    expect(manifest.counts.images).toBe(1);
  });

  it('takes channels first, uint8, probabilities and a batch of one, to the same scores', async () => {
    const want = scoresIn((await run([classifierFilter({ model, min: 0, transforms: plain })])).facts);
    const first = saved(
      onnx(({ images }) => ({ logits: tf.mul(tf.mean(images!, [2, 3]), 8) }), { images: [null, 3, 8, 8] }),
    );
    const soft = saved(
      onnx(({ x }) => ({ y: tf.softmax(tf.mul(tf.mean(x!, [1, 2]), 8)) }), { x: [1, 8, 8, 3] }),
    );
    for (const options of [
      { model: first, classes: COLORS },
      { model: soft, classes: COLORS, gives: 'probabilities' as const },
    ]) {
      const { facts } = await run([classifierFilter({ min: 0, transforms: plain, ...options })]);
      for (const [i, scored] of scoresIn(facts).entries())
        for (const [name, value] of Object.entries(want[i] as object))
          expect((scored as unknown as Record<string, number>)[name]).toBeCloseTo(value as number, 5);
    }
  });
});

describe('scoreFilter', () => {
  it('keeps scores within its limits; files of generative models say their range themselves', async () => {
    const file = saved(brightness());
    const { refused, facts, manifest } = await run([scoreFilter({ model: file, min: -0.4, max: -0.15 })]);
    const scores = scoresIn(facts).map((scored) => (scored as { score: number }).score);
    for (const [i, { rgb }] of Object.values(images).entries())
      expect(scores[i]).toBeCloseTo((2 * (rgb[0] + rgb[1] + rgb[2])) / 3 / 255 - 1, 5);
    expect(refused.map(({ id, by, reason }) => [id, by, reason])).toEqual(
      [
        ['red/2.png', 'score', `its score ${scores[1]} is above -0.15`],
        ...Object.entries(images).flatMap(([id], i) =>
          scores[i]! < -0.4 ? [[id, 'score', `its score ${scores[i]} is below -0.4`]] : [],
        ),
      ].sort((a, b) => Object.keys(images).indexOf(a[0]!) - Object.keys(images).indexOf(b[0]!)),
    );
    expect(manifest.refused.score).toBe(refused.length);
  });

  it('asks a critic that is told classes about the class of the image', async () => {
    const { facts } = await run([scoreFilter({ model: saved(critic()), min: 0.2 })]);
    for (const [i, { rgb, label }] of Object.values(images).entries())
      expect((scoresIn(facts)[i] as { score: number }).score).toBeCloseTo((2 * rgb[label]!) / 255 - 1, 5);
  });
});

describe('files that rxaug wrote', () => {
  it('say what images go through, and are refused where they do not know', async () => {
    const preprocessing = {
      rxaug: 2,
      of: 'validation',
      transforms: [{ op: 'resize', options: { size: 8 } }],
    };
    const of = (metadata: object) =>
      saved(
        onnx(
          ({ images }) => ({ logits: tf.mul(tf.mean(images!, [1, 2]), 8) }),
          { images: [null, 8, 8, 3] },
          { classes: JSON.stringify(COLORS), preprocessing: JSON.stringify(metadata) },
        ),
      );
    const { manifest } = await run([classifierFilter({ model: of(preprocessing), min: 0.2 })]);
    expect(manifest.refused).toEqual({ classifier: 1 });
    expect(() =>
      classifierFilter({
        model: of({ of: 'validation', unknown: 'it has an operator of your own' }),
        min: 0.2,
      }),
    ).toThrow('does not say what its images went through (it has an operator of your own); give transforms');
    expect(() => classifierFilter({ model: of({ op: 1 }), min: 0.2 })).toThrow(
      'cannot be read; give transforms',
    );
  });

  it('are critics of a GAN: scores are those of the model here', async () => {
    const built = buildGan(gan({ latent: 4, width: 4, criticWidth: 4 }), {
      input: [16, 16, 3],
      classes: COLORS,
    });
    const parts = [built.generator, ...criticParts(built.critic)];
    const generator = new Generator(built, { ...initializeParts(parts, keyOf(3)), slots: {} });
    const file = saved(functionOnnx(generator, 'score'));
    const { facts } = await run([scoreFilter({ model: file, min: -1000 })]);
    for (const [i, { rgb, label }] of Object.values(images).entries()) {
      const values = Array.from({ length: 3 * 256 }, (_, at) => (2 * rgb[at % 3]!) / 255 - 1);
      const want = tf.tidy(() => {
        const out = generator.functions.score!.run({
          images: tf.tensor(values, [1, 16, 16, 3]),
          classes: tf.oneHot([label], 3).toFloat(),
        });
        return Object.values(out)[0]!.dataSync()[0]!;
      });
      expect((scoresIn(facts)[i] as { score: number }).score / want).toBeCloseTo(1, 4);
    }
    generator.dispose();
  });
});

describe('scores of a scan', () => {
  it('are the same bytes with any number of processes, and wherever a scan was stopped', async () => {
    const filters = () => [
      classifierFilter({ model, transforms: plain, min: 0.2 }),
      scoreFilter({ model: saved(brightness()), min: -0.9 }),
    ];
    const scanOf = ({ out }: Run) => readFileSync(join(out, '.rxaug/scan.jsonl'), 'utf8');
    const alone = await run(filters());
    const signal = new AbortController().signal;
    const module = new URL('../../dist/cli/prepare/child.js', import.meta.url);
    const pool = (init: PrepareInit) =>
      childPool<PrepareTask, PrepareResult>({ module, init, workers: 3, signal, owner: 'prepare' });
    const many = await run(filters(), { pool, isolated: pool });
    expect(scanOf(many)).toBe(scanOf(alone));
    expect(many.manifest.plan).toBe(alone.manifest.plan);
    // Half of a scan, continued.
    const out = freshOut();
    const source = await painted(join(root, 'images'), images);
    const definition = { source, filters: filters(), nearDuplicates: 'ignore' as const };
    await prepareHere(definition, out, { planOnly: true });
    const lines = scanOf({ ...alone, out }).split('\n');
    rmSync(join(out, '.rxaug/plan.json'));
    writeFileSync(join(out, '.rxaug/scan.jsonl'), `${lines.slice(0, 4).join('\n')}\n`);
    const { manifest, notices } = await prepareHere(definition, out, { resume: true });
    expect(notices).toEqual([]);
    expect(manifest.plan).toBe(alone.manifest.plan);
  }, 120_000);

  it('of another model begin anew, and a plan refuses it by name', async () => {
    const source = await painted(join(root, 'images'), images);
    const of = (file: string, min = 0.2) => ({
      source,
      filters: [classifierFilter({ model: file, transforms: plain, min })],
      nearDuplicates: 'ignore' as const,
    });
    const out = freshOut();
    await prepareHere(of(model), out, { planOnly: true });
    const other = saved(
      onnx(
        ({ images }) => ({ logits: tf.mul(tf.mean(images!, [1, 2]), 2) }),
        { images: [null, 8, 8, 3] },
        {
          classes: JSON.stringify(COLORS),
        },
      ),
    );
    await expect(prepareHere(of(other), out, { resume: true })).rejects.toThrow(
      /planned otherwise \(filter classifier has another model, of SHA-256 [0-9a-f]{12} before, [0-9a-f]{12} now\)/,
    );
    await expect(prepareHere(of(model, 0.3), out, { resume: true })).rejects.toThrow(
      'filter classifier has other options',
    );
    await expect(prepareHere({ ...of(model), filters: [] }, out, { resume: true })).rejects.toThrow(
      'filters: classifier before, none now',
    );
    rmSync(join(out, '.rxaug/plan.json'));
    const { notices } = await prepareHere(of(other), out, { resume: true });
    expect(notices[0]).toMatch(/a filter has another model, of SHA-256 [0-9a-f]{12}\); it is scanned anew/);
    // A copy of the file elsewhere is the same model.
    const copy = saved(readFileSync(other));
    expect((await prepareHere(of(copy), out, { resume: true })).notices).toEqual([]);
  });

  it('are told in the manifest and the report: how they are distributed', async () => {
    const { manifest, out, facts } = await run([
      classifierFilter({ model, transforms: plain, min: 0.2, confidence: 0.6 }),
    ]);
    const owns = scoresIn(facts).map((scored) => (scored as { own: number }).own);
    const sorted = [...owns].sort((a, b) => a - b);
    const [own, top] = manifest.scores ?? [];
    expect(own).toMatchObject({
      ...{
        filter: 'classifier',
        what: 'probability of the label',
        min: 0.2,
        images: 6,
        without: 0,
        beyond: 1,
      },
      ...{ least: sorted[0], most: sorted[5], from: 0, to: 1 },
    });
    expect(own?.mean).toBeCloseTo(owns.reduce((sum, x) => sum + x, 0) / 6, 5);
    expect(own?.quantiles[2]).toBe(sorted[3]);
    expect(own?.counts.reduce((sum, n) => sum + n, 0)).toBe(6);
    for (const x of owns) expect(own?.counts[Math.min(19, Math.floor(20 * x))]).toBeGreaterThan(0);
    expect(top).toMatchObject({ what: 'largest probability', min: 0.6, beyond: 2 });
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page).toContain('<h3>classifier: probability of the label</h3>');
    expect(page).toContain('Beyond them: 1 of 6 images (16.7 %)');
  });

  it('are in a dry run too', async () => {
    const { signal } = new AbortController();
    const { localPool } = await import('../../src/core/children/pool.js');
    const { prepareWork } = await import('../../src/prepare/work.js');
    const source = await painted(join(root, 'images'), images);
    const estimate = await dryRun(
      {
        source,
        filters: [classifierFilter({ model, transforms: plain, min: 0.2 })],
        nearDuplicates: 'ignore',
      },
      {
        ...{ name: 'dry', seed: 0, signal, status: () => undefined, notice: () => undefined },
        pool: (init) => localPool(prepareWork(init), signal),
      },
    );
    expect(estimate).toMatchObject({ kept: 5, refused: { classifier: 1 } });
  });

  it('leave out by name what a model says nothing of', async () => {
    // 0/0 for the black image.
    const file = saved(
      onnx(({ x }) => ({ y: tf.div(tf.mean(x!, [1, 2, 3]), tf.mean(x!, [1, 2, 3])) }), {
        x: [null, 8, 8, 3],
      }),
    );
    const source = await painted(join(root, 'black'), {
      'a.png': { rgb: [9, 9, 9], label: 0 },
      'b.png': { rgb: [0, 0, 0], label: 0 },
    });
    const filters = [scoreFilter({ model: file, min: 0, transforms: plain })];
    const out = freshOut();
    const { manifest } = await prepareHere({ source, filters, nearDuplicates: 'ignore' }, out);
    expect(manifest.refused).toEqual({ score: 1 });
    expect(manifest.scores?.[0]).toMatchObject({ images: 1, without: 1 });
    expect(readFileSync(join(out, 'refused.jsonl'), 'utf8')).toBe(
      '{"id":"b.png","by":"score","reason":"it cannot be scored: the model gives NaN for it"}\n',
    );
    const black = await painted(join(root, 'all-black'), { 'b.png': { rgb: [0, 0, 0], label: 0 } });
    await expect(
      prepareHere({ source: black, filters, nearDuplicates: 'ignore' }, freshOut()),
    ).rejects.toThrow(
      'prepare: scoreFilter: b.png: the model gives NaN for it; so it is with all of the first images',
    );
  });

  it('end with the process of their model', async () => {
    const { scoring } = classifierFilter({ model, transforms: plain, confidence: 0.5 });
    const scorer = await ModelScorer.open(scoring!);
    const { pid } = scorer.model.host;
    expect(() => process.kill(pid!, 0)).not.toThrow();
    await scorer.dispose();
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
  });
});

describe('what does not fit is refused in one sentence, before a scan', () => {
  const two = { classes: '["a","b"]' };
  const logits = (shape: (number | null)[], metadata?: Record<string, string>) =>
    saved(onnx(({ images }) => ({ logits: tf.mean(images!, [1, 2]) }), { images: shape }, metadata));

  it.each([
    [() => ({ model: '/nowhere/m.onnx' }), "the model '/nowhere/m.onnx' cannot be read (ENOENT"],
    [() => ({ model: saved(Buffer.from('hello')) }), 'is not an ONNX model, or is damaged'],
    [
      () => ({ model: saved(onnx(({ x }) => ({ logits: tf.mul(x!, 2) }), { x: [null, 10] })) }),
      "expected a model with an input of images, [batch, H, W, 3] or [batch, 3, H, W], but it has 'x' float32 [any, 10]",
    ],
    [
      () => ({ model: logits([null, 8, 8, 1]) }),
      "input 'images': expected 3 channels, for images are RGB, but it is float32 [any, 8, 8, 1]",
    ],
    [() => ({ model: logits([null, 3, 8, 3]) }), 'does not say where its channels are; give layout'],
    [() => ({ model: logits([4, 8, 8, 3]) }), 'expected a batch of any size, or of 1, but it is 4'],
    [
      () => ({ model: logits([null, 8, 8, 3]) }),
      'the file does not name its 3 classes; give them as classes',
    ],
    [
      () => ({ model: logits([null, 8, 8, 3], two) }),
      'expected names of the 3 classes of the model but the file has 2',
    ],
    [
      () => ({ model: logits([null, 8, 8, 3]), classes: ['a', 'b'] }),
      'expected names of the 3 classes of the model but received 2',
    ],
    [() => ({ model, classes: ['a', 'a', 'b'] }), "classes: 'a' is named twice"],
    [
      () => ({ model, transforms: undefined }),
      'the file does not say what its images went through; give transforms, such as [resize(8), normalize()]',
    ],
    [
      () => ({ model, transforms: [resize(8), horizontalFlip()] }),
      'horizontalFlip is random, and an image has one score',
    ],
    [
      () => ({ model, transforms: [resize(8), 'normalize'] }),
      'transforms[1]: expected a transform of samples but received',
    ],
    [() => ({ model, output: 'logit' }), "has no output 'logit' but 'logits'; did you mean 'logits'?"],
    [
      () => ({ model, input: 'image' }),
      "input: the model has no 'image' but 'images'; did you mean 'images'?",
    ],
    [
      () => ({
        model: saved(onnx(({ x }) => ({ y: tf.mean(x!, [1, 2]) }), { x: [null, 8, 8, 3] })),
        classes: COLORS,
      }),
      "output 'y' may be logits or probabilities, which the file does not say",
    ],
    [
      () => ({ model: saved(brightness()), gives: 'logits' }),
      'expected one number for each class but it is one number; use scoreFilter',
    ],
    [
      () => ({ model: saved(critic()) }),
      "expected images alone as inputs but the model has 'classes' float32 [any, 3] too",
    ],
    [() => ({ model, min: 0.5, max: 0.2 }), 'expected min ≤ max but received 0.5 and 0.2'],
    [() => ({ model, min: undefined }), 'expected min or max of the probability of the label, or confidence'],
    [() => ({ model, min: 2 }), 'min'],
  ])('%#: %s', (options, sentence) => {
    const given = { min: 0.1, transforms: plain, ...options() } as never;
    expect(() => classifierFilter(given)).toThrow(UsageError);
    expect(() => classifierFilter(given)).toThrow(sentence);
  });

  it('of a score too', () => {
    expect(() => scoreFilter({ model, min: 0 })).toThrow(
      'expected one number for an image but it is 3; use classifierFilter',
    );
    expect(() => scoreFilter({ model: saved(brightness()) })).toThrow('expected min or max of the score');
    expect(() => scoreFilter({ model: saved(brightness()), min: 0, smallest: 1 } as never)).toThrow(
      "unknown option 'smallest'",
    );
    expect(() => scoreFilter({ model: saved(brightness()), min: 0, classes: ['a', 'b'] })).toThrow(
      "classes: the model gives one number and has no input 'classes' that they could name; leave them out",
    );
  });

  it('of one model that two filters give other limits of memory', async () => {
    const source = await painted(join(root, 'images'), images);
    const given = { model, transforms: plain };
    const filters = [
      classifierFilter({ ...given, min: 0.1 }),
      classifierFilter({ ...given, max: 0.9, memory: 512 }),
    ];
    await expect(prepareHere({ source, filters, nearDuplicates: 'ignore' }, freshOut())).rejects.toThrow(
      'classifierFilter: memory: two filters share one process of the model and give it 2048 and 512 megabytes; give both the same',
    );
  });

  it('of a source: labels that are missing, mixed or unknown, and sizes that are not the model’s', async () => {
    const image = { 'a.png': { rgb: [1, 2, 3], label: 0 } } as const;
    const filters = [classifierFilter({ model, transforms: plain, min: 0.1 })];
    const from = async (dir: string, classes: string[]) => painted(join(root, dir), image, classes);
    const prepare = (source: Awaited<ReturnType<typeof from>>, own = filters) =>
      prepareHere({ source, filters: own, nearDuplicates: 'ignore' }, freshOut());
    await expect(prepare(await from('u', ['unlabeled']))).rejects.toThrow(
      "classifierFilter: the model is asked about the labels of images, and 'by hand' has none",
    );
    await expect(prepare(await from('v', ['violet']))).rejects.toThrow(
      "the model does not know the classes 'violet' of 'by hand' but 'red', 'green', 'blue'",
    );
    const mixed = await from('m', COLORS);
    const soft = {
      ...mixed,
      item: (i: number) => ({ ...mixed.item(i), label: Float32Array.of(0.5, 0.5, 0) }),
    };
    await expect(prepare(soft)).rejects.toThrow('the label of a.png, which is a distribution and no class');
    const sure = [classifierFilter({ model, transforms: plain, confidence: 0.1 })];
    expect((await prepare(soft, sure)).manifest.counts.images).toBe(1);
    const large = [classifierFilter({ model, transforms: [resize(16), normalize()], min: 0.1 })];
    await expect(prepare(await from('l', COLORS), large)).rejects.toThrow(
      'a.png: its 16×16 pixels after transforms are not the 8×8 of the model (height × width); so it is with all of the first images',
    );
    const raw = [classifierFilter({ model, transforms: plain, min: 0.1, gives: 'probabilities' })];
    await expect(prepare(await from('l', COLORS), raw)).rejects.toThrow(
      'the model gives no probabilities for it: they sum to',
    );
  });

  it('an output whose size the file leaves open is counted when it runs', async () => {
    const { scoring } = classifierFilter({ model, transforms: plain, min: 0.1 });
    const query = { ...scoring!.query, classes: ['a', 'b'] };
    const scorer = await ModelScorer.open({ ...scoring!, query, numbers: [0, 1] });
    const image = { kind: 'pixels', width: 1, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3) } as const;
    const { scored } = await scorer.ask(image, 'a.png', 0);
    await expect(scored).rejects.toThrow(
      "classifierFilter: a.png: output 'logits': expected 2 numbers, one for each class, but received 3",
    );
    await scorer.dispose();
  });

  it('a file that was exchanged after it was checked is not run', async () => {
    const file = saved(colorClassifier());
    const filters = [classifierFilter({ model: file, transforms: plain, min: 0.1 })];
    writeFileSync(file, readFileSync(saved(brightness())));
    const source = await painted(join(root, 'images'), images);
    await expect(prepareHere({ source, filters, nearDuplicates: 'ignore' }, freshOut())).rejects.toThrow(
      /classifierFilter: onnx .*: its SHA-256 is [0-9a-f]{64} and not the [0-9a-f]{64} that was pinned/,
    );
  });
});
