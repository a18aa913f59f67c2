/** Copies that a generative model makes: of the class that was asked for, keyed, told, and the same bytes however they are made. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { horizontalFlip } from '../../src/augment/index.js';
import { childPool, localPool } from '../../src/core/children/pool.js';
import { keyOf, UsageError } from '../../src/core/index.js';
import { criticParts } from '../../src/gan/adversarial/critic.js';
import { buildGan } from '../../src/gan/adversarial/gan.js';
import { buildCoder, partsOf } from '../../src/gan/autoencoder/autoencoder.js';
import { Autoencoder, autoencoder, functionOnnx, Generator, gan } from '../../src/gan/index.js';
import { initializeParts } from '../../src/gan/part.js';
import { Decoder, openWebdataset } from '../../src/io/index.js';
import { type PrepareDefinition, prepared } from '../../src/prepare/definition.js';
import { dryRun } from '../../src/prepare/dry-run.js';
import { generatedCopies } from '../../src/prepare/generate/generated-copies.js';
import { perturbedCopies } from '../../src/prepare/generate/perturbed-copies.js';
import { codeOf, isGenerated } from '../../src/prepare/generate/rules.js';
import { preparePart } from '../../src/prepare/part.js';
import { type PlanRow, parseRow } from '../../src/prepare/plan/plan.js';
import {
  type PrepareInit,
  type PrepareResult,
  type PrepareTask,
  prepareWork,
} from '../../src/prepare/work.js';
import { bytesOf, node, port } from '../graph/hostile.js';
import { useBackend } from '../train/golden.js';
import { prepareHere, tree } from './here.js';
import { COLORS, modelFolder, onnx, type Painted, painted } from './score-models.js';

const { root, saved, freshOut } = modelFolder('generate');

const symmetric = { pixels: '-1..1' };
const names = { classes: JSON.stringify(COLORS) };

/** The class as a color, 4 × 4; the first number of the code is the blue of all, in −1..1. */
const colorGenerator = (metadata = { ...symmetric, ...names }) =>
  onnx(
    ({ noise, classes }) => {
      const base = tf.sub(tf.mul(classes!, 2), 1); // [B, 3]
      const shift = tf.mul(tf.tanh(tf.slice(noise!, [0, 0], [-1, 1])), tf.tensor2d([[0, 0, 1]]));
      const color = tf.reshape(tf.add(tf.mul(base, tf.tensor2d([[1, 1, 0]])), shift), [-1, 1, 1, 3]);
      return { images: tf.tile(color, [1, 4, 4, 1]) };
    },
    { noise: [null, 2], classes: [null, 3] },
    metadata,
  );

/** The image itself, mirrored in value, and a little of the code. */
const translator = () =>
  onnx(
    ({ originals, noise }) => ({
      images: tf.sub(tf.mul(tf.reshape(tf.slice(noise!, [0, 0], [-1, 1]), [-1, 1, 1, 1]), 0.01), originals!),
    }),
    { originals: [null, 8, 8, 3], noise: [null, 2] },
    symmetric,
  );

const images: Record<string, Painted> = {
  'red/1.png': { rgb: [200, 20, 30], label: 0 },
  'red/2.png': { rgb: [120, 110, 100], label: 0 },
  'red/3.png': { rgb: [100, 10, 100], label: 0 },
  'green/1.png': { rgb: [30, 180, 40], label: 1 },
};

let generator: string;
beforeAll(async () => {
  await useBackend('cpu');
  generator = saved(colorGenerator());
});

const source = () => painted(join(root, 'images'), images);
const common = { nearDuplicates: 'ignore' as const, size: 8, encode: { format: 'png' as const } };

function rowsIn(out: string): PlanRow[] {
  return readdirSync(join(out, '.rxaug/rows')).flatMap((file) =>
    readFileSync(join(out, '.rxaug/rows', file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map(parseRow),
  );
}

interface Written {
  readonly rgb: readonly number[];
  readonly label: unknown;
  readonly size: readonly number[];
  readonly meta: Record<string, unknown>;
}

/** Samples by key. */
async function samplesIn(out: string): Promise<Map<string, Written>> {
  const data = await openWebdataset(join(out, 'train-*.tar'), { cache: false });
  const decoder = new Decoder();
  const found = new Map<string, Written>();
  for (let i = 0; i < data.length; i++) {
    const { image, label } = data.item(i);
    if (image.kind !== 'range') throw new Error('a range is expected');
    const tar = readFileSync(image.path);
    const bytes = tar.subarray(image.offset, image.offset + image.length!);
    const {
      data: pixels,
      width,
      height,
    } = await decoder.decode({ kind: 'bytes', bytes: new Uint8Array(bytes) });
    const rgb = [...pixels.subarray(0, 3)];
    const meta = metaBeside(tar, image.offset);
    found.set(`${meta.source}-${meta.copy}`, { rgb, label, size: [height, width], meta });
  }
  decoder.dispose();
  return found;
}

/** The JSON of the sample whose image begins at an offset. */
function metaBeside(tar: Buffer, offset: number): Record<string, unknown> {
  const name = (at: number) => tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
  const key = name(offset - 512).split('.')[0];
  for (let at = 0; at + 512 <= tar.length; ) {
    const size = Number.parseInt(tar.toString('utf8', at + 124, at + 136), 8) || 0;
    if (name(at) === `${key}.json`) return JSON.parse(tar.toString('utf8', at + 512, at + 512 + size)).meta;
    at += 512 + 512 * Math.ceil(size / 512);
  }
  throw new Error(`no meta of ${key}`);
}

describe('generatedCopies', () => {
  it('brings a class to its number by images of that class, at the size asked for, and says so of each', async () => {
    const out = freshOut();
    const generate = generatedCopies({ model: generator });
    const { manifest, notices } = await prepareHere(
      { source: await source(), ...common, generate, balance: { to: 'largest' } },
      out,
      { seed: 5 },
    );
    expect(manifest.splits.train?.byClass).toEqual({ red: 3, green: 3, blue: 0 });
    expect(manifest.counts).toMatchObject({ samples: 6, generated: 2 });
    expect(notices).toEqual(['generated images have 4×4 pixels and are enlarged to 8×8 (height × width)']);
    const samples = await samplesIn(out);
    for (const copy of [1, 2]) {
      const { rgb, label, size, meta } = samples.get(`green/1.png-${copy}`)!;
      const [first] = codeOf(generate.rules, 5, 'green/1.png', copy);
      expect(rgb).toEqual([0, 255, Math.round((255 * (Math.tanh(first!) + 1)) / 2)]);
      expect([label, size]).toEqual([1, [8, 8]]);
      expect(meta.generated).toEqual({ model: generate.rules.model, class: 'green' });
    }
    const original = samples.get('green/1.png-0')!;
    expect(original.rgb).toEqual([30, 180, 40]);
    expect(original.meta.generated).toBeUndefined();
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain(
      '<dt>samples that a model made</dt><dd>2</dd>',
    );
  });

  it('gives a model that takes it the image itself', async () => {
    const out = freshOut();
    const generate = generatedCopies({ model: saved(translator()) });
    await prepareHere({ source: await source(), ...common, generate, copies: 2 }, out);
    const samples = await samplesIn(out);
    for (const [id, { rgb }] of Object.entries(images)) {
      const [first] = codeOf(generate.rules, 0, id, 1);
      const shift = (255 * 0.01 * first!) / 2;
      for (const [c, value] of samples.get(`${id}-1`)!.rgb.entries())
        expect(Math.abs(value - (255 - rgb[c]! + shift))).toBeLessThan(0.51);
    }
  });

  it('makes a share of the copies, which a coin keyed by image and copy chooses; the others are augmented', async () => {
    const out = freshOut();
    const generate = generatedCopies({ model: generator, share: 0.4 });
    const { manifest } = await prepareHere(
      { source: await source(), ...common, generate, copies: 20, augment: [horizontalFlip({ p: 1 })] },
      out,
    );
    const rows = rowsIn(out);
    for (const { id, copy, generated, augmented } of rows) {
      const made = copy > 0 && isGenerated(generate.rules, 0, id, copy);
      expect([generated ?? false, augmented]).toEqual([made, copy > 0 && !made]);
    }
    const count = rows.filter(({ generated }) => generated).length;
    expect(count).toBeGreaterThan(15); // 76 tosses of 0.4
    expect(count).toBeLessThan(46);
    expect(manifest.counts.generated).toBe(count);
  });

  it('is the same bytes from any number of processes, shards, and machines', async () => {
    const definition = async (): Promise<PrepareDefinition> => ({
      source: await source(),
      ...common,
      generate: generatedCopies({ model: generator }),
      copies: 5,
      shardSize: 4,
    });
    const { signal } = new AbortController();
    const here = freshOut();
    await prepareHere(await definition(), here);
    const module = new URL('../../dist/cli/prepare/child.js', import.meta.url);
    const pool = (init: PrepareInit) =>
      childPool<PrepareTask, PrepareResult>({ module, init, workers: 2, signal, owner: 'prepare' });
    const children = freshOut();
    await prepareHere(await definition(), children, { pool, isolated: pool });
    expect(tree(children)).toEqual(tree(here));
    // Other machines have the output alone: the model is in it.
    const there = freshOut();
    const model = join(root, 'moved.onnx');
    writeFileSync(model, readFileSync(generator));
    await prepareHere({ ...(await definition()), generate: generatedCopies({ model }) }, there, {
      planOnly: true,
    });
    rmSync(model);
    const local = (init: PrepareInit) => localPool(prepareWork(init), signal);
    for (const share of [1, 0])
      await preparePart({
        ...{ out: there, share, shares: 2, signal, pool: local, isolated: local },
        status: () => undefined,
        notice: () => undefined,
      });
    for (const [path, sha256] of Object.entries(tree(there)))
      expect([path, sha256]).toEqual([path, tree(here)[path]]);
    // One size of shard or another: the same samples.
    const other = freshOut();
    await prepareHere({ ...(await definition()), shardSize: 100 }, other);
    expect(await samplesIn(other)).toEqual(await samplesIn(here));
  }, 120_000);

  it('is refused where the model gives other bits than on the machine of the plan, or is another one', async () => {
    const out = freshOut();
    const definition = { source: await source(), ...common, copies: 2 };
    await prepareHere({ ...definition, generate: generatedCopies({ model: generator }) }, out, {
      planOnly: true,
    });
    const other = saved(colorGenerator({ ...symmetric, ...names, version: '2' } as never));
    await expect(
      prepareHere({ ...definition, generate: generatedCopies({ model: other }) }, out, { resume: true }),
    ).rejects.toThrow(/generate has another model, of SHA-256 [0-9a-f]{12} before, [0-9a-f]{12} now/);
    const { rules } = generatedCopies({ model: generator });
    const kept = join(out, `.rxaug/models/${rules.model}.onnx`);
    writeFileSync(kept, readFileSync(other));
    const again = () =>
      prepareHere({ ...definition, generate: generatedCopies({ model: generator }) }, out, { resume: true });
    await expect(again()).rejects.toThrow(
      /its SHA-256 is [0-9a-f]{64} and not the [0-9a-f]{64} that was pinned/,
    );
    rmSync(kept);
    await expect(again()).rejects.toThrow('the model that makes copies is missing; restore it');
    writeFileSync(kept, readFileSync(generator));
    const { storedMaker } = await import('../../src/prepare/generate/before-plan.js');
    const { openStore } = await import('../../src/io/store/open-store.js');
    await expect(storedMaker(await openStore(out), rules, { digest: '0123456789abcdef' })).rejects.toThrow(
      'the generative model gives other numbers here than where',
    );
    expect((await again()).manifest.counts.generated).toBe(4);
  });

  it('takes the generator of a GAN that was trained here', async () => {
    const built = buildGan(gan({ latent: 4, width: 4, criticWidth: 4 }), {
      input: [16, 16, 3],
      classes: COLORS,
    });
    const parts = [built.generator, ...criticParts(built.critic)];
    const trained = new Generator(built, { ...initializeParts(parts, keyOf(3)), slots: {} });
    const out = freshOut();
    const generate = generatedCopies({ model: saved(functionOnnx(trained, 'generate')) });
    await prepareHere({ source: await source(), ...common, size: 16, generate, copies: 2 }, out);
    const samples = await samplesIn(out);
    for (const [id, { label }] of Object.entries(images)) {
      const want = tf.tidy(() => {
        const run = trained.functions.generate!.run({
          noise: tf.tensor(codeOf(generate.rules, 0, id, 1), [1, 4]),
          classes: tf.oneHot([label], 3).toFloat(),
        });
        return [...Object.values(run)[0]!.dataSync()].slice(0, 3).map((x) => (255 * (x + 1)) / 2);
      });
      for (const [c, value] of samples.get(`${id}-1`)!.rgb.entries())
        expect(Math.abs(value - want[c]!)).toBeLessThan(0.6);
    }
    trained.dispose();
  });

  it('is in a dry run too', async () => {
    const { signal } = new AbortController();
    const estimate = await dryRun(
      { source: await source(), ...common, generate: generatedCopies({ model: generator }), copies: 3 },
      {
        ...{ name: 'dry', seed: 0, signal, status: () => undefined, notice: () => undefined },
        pool: (init) => localPool(prepareWork(init), signal),
      },
    );
    expect(estimate).toMatchObject({ kept: 4, samples: 12, refused: {} });
    expect(estimate.bytes).toBeGreaterThan(0);
  });

  it('leaves out by name what the model gives no numbers for', async () => {
    // The root of a negative number for half of the codes, but not for the probe.
    const generate = generatedCopies({
      model: saved(
        onnx(
          ({ noise, classes }) => {
            const root = tf.sqrt(tf.slice(noise!, [0, 0], [-1, 1]));
            const plain = tf.sum(classes!, 1, true);
            return { images: tf.tile(tf.reshape(tf.mul(root, plain), [-1, 1, 1, 1]), [1, 4, 4, 3]) };
          },
          { noise: [null, 2], classes: [null, 3] },
          { ...symmetric, ...names },
        ),
      ),
    });
    expect(codeOf(generate.rules, 0, 'probe', 0)[0]).toBeGreaterThan(0);
    const definition = { source: await source(), ...common, generate, copies: 6 };
    const out = freshOut();
    const { manifest } = await prepareHere(definition, out);
    const negative = Object.keys(images).flatMap((id) =>
      [1, 2, 3, 4, 5].filter((copy) => codeOf(generate.rules, 0, id, copy)[0]! < 0),
    ).length;
    expect(negative).toBeGreaterThan(0);
    expect([manifest.refused, manifest.counts.lost]).toEqual([{}, negative]);
    expect(readFileSync(join(out, 'refused.jsonl'), 'utf8')).toContain(
      'the generative model gives NaN for it',
    );
  });
});

describe('perturbedCopies', () => {
  /** The mean color, as three numbers, and a picture of one color. */
  const encoder = (size = 3) =>
    onnx(
      ({ images }) => ({ codes: tf.mul(tf.slice(tf.mean(images!, [1, 2]), [0, 0], [-1, size]), 10) }),
      { images: [null, 8, 8, 3] },
      symmetric,
    );
  const decoder = (metadata: Record<string, string> = symmetric) =>
    onnx(
      ({ codes }) => ({ images: tf.tile(tf.reshape(tf.div(codes!, 10), [-1, 1, 1, 3]), [1, 8, 8, 1]) }),
      { codes: [null, 3] },
      metadata,
    );

  it('feeds floats to an encoder in its range, also where the decoder gives bytes', () => {
    const { name, type } = port('images', 'batch', 8, 8, 3);
    const toBytes = { attribute: [{ name: 'to', i: 2, type: 2 }] };
    const graph = {
      ...{ name: 'bytes', node: [node('Cast', ['codes'], 'images', toBytes)] },
      ...{ initializer: [], input: [port('codes', 'batch', 3)] },
      output: [{ name, type: { tensorType: { ...type.tensorType, elemType: 2 } } }],
    };
    const metadataProps = Object.entries(symmetric).map(([key, value]) => ({ key, value }));
    const encode = saved(encoder());
    const { rules } = perturbedCopies({ encode, decode: saved(bytesOf(graph, { metadataProps })) });
    expect([rules.output.dtype, rules.encoder?.images.dtype, rules.range]).toEqual([
      'uint8',
      'float32',
      [-1, 1],
    ]);
    const silent = saved(bytesOf(graph));
    expect(perturbedCopies({ encode, decode: silent, range: [0, 1] }).rules.range).toEqual([0, 1]);
    expect(() => perturbedCopies({ encode, decode: silent })).toThrow(
      'does not say which values are black and white',
    );
  });

  it('decodes the code of the image itself with noise, in deviations of the codes of the source', async () => {
    const out = freshOut();
    const generate = perturbedCopies({ encode: saved(encoder()), decode: saved(decoder()), sigma: 0.2 });
    const { manifest } = await prepareHere({ source: await source(), ...common, generate, copies: 3 }, out);
    expect(manifest.counts).toMatchObject({ samples: 12, generated: 8 });
    const codes = Object.values(images).map(({ rgb }) => rgb.map((value) => 10 * ((2 * value) / 255 - 1)));
    const deviation = [0, 1, 2].map((c) => {
      const values = codes.map((code) => code[c]!);
      const mean = values.reduce((sum, x) => sum + x, 0) / 4;
      return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 4);
    });
    const plan = JSON.parse(readFileSync(join(out, '.rxaug/plan.json'), 'utf8'));
    for (const [c, value] of (plan.generator.deviation as number[]).entries())
      expect(value).toBeCloseTo(deviation[c]!, 3);
    const samples = await samplesIn(out);
    for (const [i, id] of Object.keys(images).entries())
      for (const copy of [1, 2]) {
        const normal = codeOf(generate.rules, 0, id, copy);
        const { rgb, meta } = samples.get(`${id}-${copy}`)!;
        for (const [c, value] of rgb.entries()) {
          const code = codes[i]![c]! + 0.2 * normal[c]! * deviation[c]!;
          const want = Math.min(255, Math.max(0, (255 * (code / 10 + 1)) / 2));
          expect(Math.abs(value - want)).toBeLessThan(0.51);
        }
        const { encoder, model } = generate.rules;
        expect(meta.generated).toEqual({ model, encoder: encoder?.model, class: COLORS[images[id]!.label] });
      }
  });

  it('takes an autoencoder that was trained here, and is the same bytes from children', async () => {
    const built = buildCoder(autoencoder({ latent: 6, width: 4 }), { input: [8, 8, 3], classes: COLORS });
    const trained = new Autoencoder(built, { ...initializeParts(partsOf(built), keyOf(3)), slots: {} });
    const [encode, decode] = [saved(functionOnnx(trained, 'encode')), saved(functionOnnx(trained, 'decode'))];
    trained.dispose();
    const { signal } = new AbortController();
    const module = new URL('../../dist/cli/prepare/child.js', import.meta.url);
    const pool = (init: PrepareInit) =>
      childPool<PrepareTask, PrepareResult>({ module, init, workers: 2, signal, owner: 'prepare' });
    const definition = { ...common, generate: perturbedCopies({ encode, decode }), copies: 4, shardSize: 5 };
    const [here, children] = [freshOut(), freshOut()];
    await prepareHere({ source: await source(), ...definition }, here);
    await prepareHere({ source: await source(), ...definition }, children, { pool, isolated: pool });
    expect(tree(children)).toEqual(tree(here));
  }, 60_000);

  it('refuses models that do not fit one another, and a source without a deviation', async () => {
    const [encode, decode] = [saved(encoder()), saved(decoder())];
    const of = (options: object) => () => perturbedCopies({ encode, decode, ...options });
    expect(of({ encode: saved(encoder(2)) })).toThrow(
      "output 'codes': expected codes of 3 numbers, as the decoder takes them, but it is 2",
    );
    expect(of({ decode: encode })).toThrow('expected a model of a code, float32 [batch, L], but it has');
    expect(of({ encode: decode })).toThrow('expected a model with an input of images');
    expect(of({ decode: saved(decoder({})) })).toThrow('does not say which values are black and white');
    expect(of({ sigma: 0 })).toThrow('sigma');
    const one = await painted(join(root, 'one'), { 'a.png': { rgb: [1, 2, 3], label: 0 } });
    await expect(
      prepareHere({ source: one, ...common, generate: of({})(), copies: 2 }, freshOut()),
    ).rejects.toThrow('the deviation of codes needs two images and more, and the encoder has codes of 1');
  });
});

describe('what does not fit is refused in one sentence', () => {
  const model = (
    run: Parameters<typeof onnx>[0],
    inputs: Parameters<typeof onnx>[1],
    metadata: Record<string, string> = { ...symmetric, ...names },
  ) => saved(onnx(run, inputs, metadata));
  const picture = (x: tf.Tensor, channels = 3) => ({
    y: tf.tile(tf.reshape(tf.slice(x, [0, 0], [-1, 1]), [-1, 1, 1, 1]), [1, 4, 4, channels]),
  });

  it.each([
    [() => ({ model: '/nowhere/g.onnx' }), "the model '/nowhere/g.onnx' cannot be read"],
    [
      () => ({ model: model(({ z }) => picture(z!), { z: [null, 2] }) }),
      'what it makes has no class, so give a conditional one',
    ],
    [
      () => ({ model: model(({ classes }) => picture(classes!), { classes: [null, 3] }) }),
      'without a code all its copies would be the same',
    ],
    [
      () => ({
        model: model(({ z, classes }) => picture(tf.add(z!, tf.sum(classes!, 1, true)), 1), {
          z: [null, 2],
          classes: [null, 3],
        }),
      }),
      "output 'y': expected 3 channels",
    ],
    [
      () => ({
        model: model(({ z, classes }) => ({ y: tf.add(z!, tf.sum(classes!, 1, true)) }), {
          z: [null, 2],
          classes: [null, 3],
        }),
      }),
      "output 'y': expected images",
    ],
    [
      () => ({
        model: model(
          ({ z, classes }) => picture(tf.add(z!, tf.sum(classes!, 1, true))),
          { z: [null, 2], classes: [null, 3] },
          names,
        ),
      }),
      'does not say which values are black and white; give them as range',
    ],
    [
      () => ({ model: saved(colorGenerator({ ...symmetric } as never)) }),
      'the file does not name its 3 classes',
    ],
    [
      () => ({ model: generator, classes: ['a', 'b'] }),
      'expected names of the 3 classes of the model but received 2',
    ],
    [() => ({ model: saved(translator()), classes: ['a'] }), "has no input 'classes' to be told them"],
    [() => ({ model: generator, share: 0 }), 'share'],
    [() => ({ model: generator, range: [1, 1] }), 'black and white are 1'],
  ])('%#: %s', (options, sentence) => {
    const given = options() as never;
    expect(() => generatedCopies(given)).toThrow(UsageError);
    expect(() => generatedCopies(given)).toThrow(sentence);
  });

  it('in a definition', async () => {
    const generate = generatedCopies({ model: generator });
    const half = generatedCopies({ model: generator, share: 0.5 });
    const augment = [horizontalFlip()];
    const given = await source();
    for (const [fields, sentence] of [
      [
        { generate, size: 8 },
        'generate: the first copy of each image is the image itself, and there is no other',
      ],
      [
        { generate, size: 8, copies: 2, augment },
        'augment: all copies are generated, so that nothing is augmented',
      ],
      [
        { generate: half, size: 8, copies: 2 },
        'generate: with a share of 0.5 the other copies would be the same without augment',
      ],
      [{ generate, copies: 2 }, 'generate: a model makes images of its own size'],
      [
        { generate: 'g.onnx', size: 8, copies: 2 },
        "generate: expected copies by a model but received 'g.onnx'",
      ],
      [{ generate, size: 8, copies: 2, split: { a: 1 } }, 'none of the splits a is augmented'],
    ] as [object, string][])
      expect(() => prepared({ source: given, ...fields } as PrepareDefinition)).toThrow(sentence);
    for (const fields of [
      { generate, size: 8, copies: 2 },
      { generate: half, size: 8, balance: { to: 'largest' }, augment },
      { generate, size: 8, keepOriginal: false },
    ] as object[])
      expect(() => prepared({ source: given, ...fields } as PrepareDefinition)).not.toThrow();
  });

  it('of a source', async () => {
    const generate = generatedCopies({ model: generator });
    const prepare = (changed: object, out = freshOut()) =>
      prepareHere({ source: changed as never, ...common, generate, copies: 2 }, out);
    const given = await source();
    const item = (i: number) => given.item(i);
    const masks = { class: { kind: 'file', path: '/nowhere.png' } };
    await expect(
      prepare({ ...given, item: (i: number) => ({ ...item(i), targets: { masks } }) }),
    ).rejects.toThrow("generate: 'by hand' has masks, which a generated image does not have");
    const boxes = { format: 'xyxy', items: [{ box: [0, 0, 1, 1], label: 0 }] };
    await expect(
      prepare({ ...given, item: (i: number) => ({ ...item(i), targets: { boxes } }) }),
    ).rejects.toThrow('has boxes');
    const out = freshOut();
    await expect(prepare({ ...given, classes: ['unlabeled'] }, out)).rejects.toThrow('has no labels');
    // What is refused before the scan leaves no folder that would have to be continued.
    expect(existsSync(out)).toBe(false);
    await expect(prepare({ ...given, classes: ['red', 'violet', 'blue'] })).rejects.toThrow(
      "does not know the classes 'violet'",
    );
    const soft = Float32Array.of(1, 0, 0);
    await expect(prepare({ ...given, item: (i: number) => ({ ...item(i), label: soft }) })).rejects.toThrow(
      'the label of red/1.png is a distribution',
    );
  });
});
