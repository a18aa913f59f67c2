/** What a generative model needs of a source, and one run of it, before hours of scanning. */
import { readFile } from 'node:fs/promises';
import { BadSampleError, fold, keyOf, permuted, RxaugError, tag, UsageError } from '../../core/index.js';
import { ImageFiles, MOST_BYTES } from '../../io/files.js';
import type { OpenedDataset } from '../../io/index.js';
import type { Store } from '../../io/store/store.js';
import type { OutputSchema } from '../../io/write/output.js';
import { Renderer } from '../../stream/renderer.js';
import { rounded } from '../rounded.js';
import { classNumbers } from '../score/class-numbers.js';
import { storedImage } from '../stored-image.js';
import { ImageMaker, type ModelSources } from './image-maker.js';
import { type GeneratedCopies, type GenerateRules, modelFile } from './rules.js';

/** @throws UsageError for a source whose copies cannot be generated */
export function checkGenerable(
  { classInput, classes = [] }: GenerateRules,
  source: OpenedDataset,
  schema: OutputSchema,
) {
  const targets = [
    ...(schema.boxClasses ? ['boxes'] : []),
    ...(schema.masks.length > 0 ? ['masks'] : []),
    ...(schema.keypoints ? ['keypoints'] : []),
  ];
  if (targets.length > 0)
    throw new UsageError(
      `prepare: generate: '${source.name}' has ${targets.join(' and ')}, which a generated image does not have; leave generate out`,
    );
  if (!classInput) return;
  if (!schema.labels)
    throw new UsageError(
      `prepare: generate: the model takes the class of an image, and '${source.name}' has no labels; give a model that takes the image alone, or leave generate out`,
    );
  const soft = (id: string) =>
    `the model takes the class of an image, and the label of ${id} is a distribution; give images of one class each`;
  classNumbers('prepare: generate', source, classes, soft);
}

/** What the plan notes of the models. */
export interface Probed {
  /** Digest of what they give for the same numbers. */
  readonly digest: string;
  /** Of the codes of the source, where they are perturbed. */
  readonly deviation?: readonly number[];
  readonly width: number;
  readonly height: number;
}

export const sourcesOf = ({ file, encoderFile }: GeneratedCopies): ModelSources => ({
  model: file,
  ...(encoderFile && { encoder: encoderFile }),
});

/** Runs the models once; an encoder on some images of the source, chosen by the seed. */
export async function probed(copies: GeneratedCopies, source: OpenedDataset, seed: number): Promise<Probed> {
  const { rules } = copies;
  const renderer = await Renderer.create({});
  try {
    const deviation = rules.encoder && (await deviationOf(copies, source, seed, renderer));
    const maker = await ImageMaker.open(rules, sourcesOf(copies), deviation);
    try {
      return { ...(await maker.probe(renderer)), ...(deviation && { deviation }) };
    } finally {
      await maker.dispose();
    }
  } finally {
    renderer.dispose();
  }
}

/** Images whose codes are looked at. */
const CODES = 256;

async function deviationOf(copies: GeneratedCopies, source: OpenedDataset, seed: number, renderer: Renderer) {
  const maker = await ImageMaker.open(copies.rules, sourcesOf(copies));
  const files = new ImageFiles(MOST_BYTES, 16);
  const codes: Float32Array[] = [];
  const key = fold(keyOf(seed), tag('prepare-codes'));
  try {
    for (let n = 0; n < source.length && n < 2 * CODES && codes.length < CODES; n++) {
      const { id, image } = source.item(permuted(key, source.length, n));
      try {
        codes.push(await maker.encode(id, storedImage(image, id, files).image, renderer));
      } catch (error) {
        if (!(error instanceof BadSampleError)) throw error; // the scan names those
      }
    }
  } finally {
    files.dispose();
    await maker.dispose();
  }
  if (codes.length < 2)
    throw new UsageError(
      `prepare: generate: the deviation of codes needs two images and more, and the encoder has codes of ${codes.length}; give a larger source, or check the encoder`,
    );
  return Array.from({ length: copies.rules.code.count }, (_, i) =>
    deviation(codes.map((code) => code[i] as number)),
  );
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const square = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  return rounded(Math.sqrt(square));
}

/** Copies of the models in the output, which all machines have. */
export async function keepModels(store: Store, { rules, file, encoderFile }: GeneratedCopies): Promise<void> {
  await keep(store, rules.model, file);
  if (rules.encoder && encoderFile) await keep(store, rules.encoder.model, encoderFile);
}

async function keep(store: Store, sha256: string, file: string): Promise<void> {
  const path = modelFile(sha256);
  if (!(await store.stat(path))) await store.replace(path, await readFile(file));
}

async function kept(store: Store, sha256: string): Promise<Uint8Array> {
  const path = modelFile(sha256);
  if (await store.stat(path)) return store.read(path);
  throw new UsageError(
    `${store.name}/${path}: the model that makes copies is missing; restore it, or prepare into another folder`,
  );
}

/** The models in the output, at work; their bytes are checked, and what they give. */
export async function storedMaker(
  store: Store,
  rules: GenerateRules,
  planned: Pick<Probed, 'digest' | 'deviation'> | undefined,
): Promise<ImageMaker> {
  const { encoder } = rules;
  const sources = {
    model: await kept(store, rules.model),
    ...(encoder && { encoder: await kept(store, encoder.model) }),
  };
  const maker = await ImageMaker.open(rules, sources, planned?.deviation);
  const renderer = await Renderer.create({});
  try {
    const { digest } = await maker.probe(renderer);
    if (digest !== planned?.digest)
      throw new RxaugError(
        `prepare: the generative model gives other numbers here than where ${store.name} was planned (${digest} in place of ${planned?.digest}), so that other bytes would be written; render on processors of the same kind, with the same onnxruntime-node`,
      );
    return maker;
  } catch (error) {
    await maker.dispose();
    throw error;
  } finally {
    renderer.dispose();
  }
}
