/** What a generative model needs of a source, and one run of it, before hours of scanning. */
import { readFile } from 'node:fs/promises';
import { matchClasses, nameSome, RxaugError, UsageError } from '../../core/index.js';
import type { OpenedDataset } from '../../io/index.js';
import type { Store } from '../../io/store/store.js';
import type { OutputSchema } from '../../io/write/output.js';
import { Renderer } from '../../stream/renderer.js';
import { ImageMaker } from './image-maker.js';
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
      `prepare: generate: '${source.name}' has ${targets.join(' and ')}, which nobody knows of a generated image; leave generate out`,
    );
  if (!classInput) return;
  if (!schema.labels)
    throw new UsageError(
      `prepare: generate: the model is told the class of an image, and '${source.name}' has no labels; give a model that takes the image alone, or leave generate out`,
    );
  const { numbers } = matchClasses(source.classes, classes);
  const unknown = new Set<string>();
  for (let i = 0; i < source.length; i++) {
    const { id, label } = source.item(i);
    if (typeof label !== 'number')
      throw new UsageError(
        `prepare: generate: the model is told the class of an image, and the label of ${id} is a distribution; give images of one class each`,
      );
    if ((numbers[label] ?? -1) < 0) unknown.add(source.classes[label] ?? `number ${label}`);
  }
  if (unknown.size > 0)
    throw new UsageError(
      `prepare: generate: the model does not know the classes ${nameSome([...unknown])} of '${source.name}' but ${nameSome(classes)}; give a model of these classes, or the names of its classes as classes`,
    );
}

/** Runs the model once. */
export async function probed({ rules, file }: GeneratedCopies) {
  const renderer = await Renderer.create({});
  const maker = await ImageMaker.open(rules, file);
  try {
    return await maker.probe(renderer);
  } finally {
    renderer.dispose();
    await maker.dispose();
  }
}

/** A copy of the model in the output, which all machines have. */
export async function keepModel(store: Store, { rules, file }: GeneratedCopies): Promise<void> {
  const path = modelFile(rules);
  if (!(await store.stat(path))) await store.replace(path, await readFile(file));
}

/** The model in the output, at work; its bytes are checked. */
export async function storedMaker(
  store: Store,
  rules: GenerateRules,
  probe: string | undefined,
): Promise<ImageMaker> {
  const path = modelFile(rules);
  if (!(await store.stat(path)))
    throw new UsageError(
      `${store.name}/${path}: the model that makes copies is missing; restore it, or prepare into another folder`,
    );
  const maker = await ImageMaker.open(rules, await store.read(path));
  const renderer = await Renderer.create({});
  try {
    const { digest } = await maker.probe(renderer);
    if (digest !== probe)
      throw new RxaugError(
        `prepare: the generative model gives other numbers here than where ${store.name} was planned (${digest} in place of ${probe}), so that other bytes would be written; render on processors of the same kind, with the same onnxruntime-node`,
      );
    return maker;
  } catch (error) {
    await maker.dispose();
    throw error;
  } finally {
    renderer.dispose();
  }
}
