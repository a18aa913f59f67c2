/** Pages that list options list all of them, and are in plain words. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { POLICY_NAMES } from '../src/augment/policies/policy-string.js';
import { cifarSchema } from '../src/datasets/cifar.js';
import { shapes10Schema } from '../src/datasets/shapes10/index.js';
import { toys10Schema } from '../src/datasets/toys10/index.js';
import { ganOptions } from '../src/gan/adversarial/gan.js';
import { adversarialOptions } from '../src/gan/adversarial/options.js';
import { autoencoderOptions } from '../src/gan/autoencoder/autoencoder.js';
import { daganOptions } from '../src/gan/dagan/dagan.js';
import { generativeOptions } from '../src/gan/options.js';
import { smartOptions } from '../src/gan/smart/smart.js';
import { ganMixOptions } from '../src/gan/stages/gan-mix.js';
import { latentNoiseOptions } from '../src/gan/stages/latent-noise.js';
import { onnxOptions } from '../src/graph/infer/model.js';
import { webdatasetSchema } from '../src/io/archive/webdataset.js';
import { decoderSchema } from '../src/io/decode/decode.js';
import { imageFolderSchema } from '../src/io/image-folder.js';
import {
  idxSchema,
  mdsSchema,
  numpySchema,
  parquetSchema,
  rawCacheSchema,
  tfrecordSchema,
} from '../src/io/index.js';
import { itemsSchema } from '../src/io/items.js';
import { targetOptions } from '../src/io/target-options.js';
import type { BatchOptions } from '../src/stream/batch.js';
import { sourceOptions } from '../src/stream/source.js';
import { classifierOptions } from '../src/train/classification/kind.js';
import { objectiveOptions, stepOptions } from '../src/train/classification/options.js';
import { runningOptions } from '../src/train/loop/options.js';
import { outsideFences, sectionsOf } from './markdown.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const docs = join(root, 'docs');
const page = (name: string) => readFileSync(join(docs, name), 'utf8');
const section = (name: string, heading: string) => {
  const found = sectionsOf(page(name)).find((one) => one.heading === heading);
  if (!found) throw new Error(`docs/${name} has no section '${heading}'`);
  return found.text;
};
/** Its schema is not exported; a new option is a type error here. */
const BATCH: Readonly<Record<keyof BatchOptions, true>> = {
  dtype: true,
  layout: true,
  dropLast: true,
  workers: true,
  prefetch: true,
  onBadSample: true,
  maxBad: true,
  modules: true,
  decoder: true,
  hangSeconds: true,
  maxBatchBytes: true,
};
const keysOf = (schema: z.ZodObject) => Object.keys(schema.shape);
/** `targets` is an option of every source that has them, and has a section of its own. */
const readerKeys = (schema: z.ZodObject) => keysOf(schema).filter((name) => name !== 'targets');
const shared = new Set([...keysOf(runningOptions), 'model']);
const regularizers = [...keysOf(stepOptions), ...keysOf(objectiveOptions)];

/** Where each option of a schema stands, and the ones that another section has. */
const lists: [title: string, text: string, names: readonly string[]][] = [
  ['streams.md: batch', section('streams.md', 'Options of `batch`'), Object.keys(BATCH)],
  ['decoding.md: decoder', page('decoding.md'), keysOf(decoderSchema)],
  ['sources.md: every source', section('sources.md', 'Options of every source'), keysOf(sourceOptions)],
  ['sources.md: imageFolder', section('sources.md', 'A folder of images'), readerKeys(imageFolderSchema)],
  ['sources.md: webdataset', section('sources.md', 'Tar shards'), readerKeys(webdatasetSchema)],
  ['sources.md: parquet', section('sources.md', 'Parquet'), readerKeys(parquetSchema)],
  ['sources.md: mds', section('sources.md', 'MosaicML MDS'), readerKeys(mdsSchema)],
  ['sources.md: rawCache', section('sources.md', 'Raw cache'), readerKeys(rawCacheSchema)],
  ['sources.md: numpy', section('sources.md', 'NumPy'), readerKeys(numpySchema)],
  ['sources.md: idx', section('sources.md', 'IDX'), readerKeys(idxSchema)],
  ['sources.md: tfrecord', section('sources.md', 'TFRecord'), readerKeys(tfrecordSchema)],
  ['sources.md: fromItems', section('sources.md', 'Items of your own'), readerKeys(itemsSchema)],
  ['sources.md: cifar', section('sources.md', 'CIFAR-10 and CIFAR-100'), keysOf(cifarSchema)],
  ['sources.md: shapes10', section('sources.md', 'shapes10'), keysOf(shapes10Schema)],
  ['sources.md: toys10', section('sources.md', 'toys10'), keysOf(toys10Schema)],
  ['sources.md: targets', section('sources.md', 'Masks, boxes and keypoints'), keysOf(targetOptions)],
  [
    'training.md: train',
    section('training.md', 'Options'),
    keysOf(classifierOptions).filter((name) => !regularizers.includes(name)),
  ],
  ['regularizers.md: train', page('regularizers.md'), regularizers],
  ['autoencoder.md: autoencoder', section('autoencoder.md', 'Options'), keysOf(autoencoderOptions)],
  [
    'autoencoder.md: training',
    section('autoencoder.md', 'Options'),
    keysOf(generativeOptions).filter((name) => !shared.has(name) || name === 'learningRate'),
  ],
  ['gan.md: gan', section('gan.md', 'Options of the model'), keysOf(ganOptions)],
  [
    'gan.md: training',
    section('gan.md', 'Options of training'),
    keysOf(adversarialOptions).filter((name) => !shared.has(name) || name === 'learningRate'),
  ],
  ['dagan.md: dagan', section('dagan.md', 'DAGAN'), keysOf(daganOptions)],
  ['dagan.md: smartAugmentation', section('dagan.md', 'Smart Augmentation'), keysOf(smartOptions)],
  [
    'onnx.md: onnxModel',
    section('onnx.md', 'Running a model'),
    keysOf(onnxOptions).filter((n) => n !== 'preload'),
  ],
  ['onnx.md: latentNoise', section('onnx.md', 'Stages of the stream'), keysOf(latentNoiseOptions)],
  ['onnx.md: ganMix', section('onnx.md', '`ganMix`'), keysOf(ganMixOptions)],
];

it.each(lists)('docs/%s: every option is listed', (_, text, names) => {
  expect(names.length).toBeGreaterThan(0);
  const code = [...text.matchAll(/`([^`\n]*)`/g)].map(([, inside]) => inside).join('\n');
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
});

it('docs/policies.md: every policy string is listed', () => {
  const text = page('policies.md');
  expect(POLICY_NAMES.length).toBeGreaterThan(5);
  expect(POLICY_NAMES.filter((name) => !new RegExp(`\`${name}[\`-]`).test(text))).toEqual([]);
});

const pagesUnder = (dir: string): string[] =>
  readdirSync(join(root, dir), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(dir, name));

/** British spellings, and words that a reader has to parse twice. */
const WORDS =
  /\b(mend(s|ed)?|told|nobody|whoever|wanted|the house|goes on with|colours?|centres?|neighbours?|grey|behaviour|artefacts?|(recogni|generali|penali|initiali|regulari|memori|normali|optimi|seriali)s(e|ed|es|ing|ation|er|ers))\b/gi;

describe('words', () => {
  it.each(pagesUnder('docs').filter((path) => !path.endsWith('transforms.md')))(
    '%s: is in American spelling and plain words',
    (path) => {
      const text = outsideFences(readFileSync(join(root, path), 'utf8'))
        .join('\n')
        .replace(/`[^`\n]*`/g, '');
      expect(text.match(WORDS) ?? []).toEqual([]);
    },
  );
});
