/**
 * Renders a group of samples as a batch: measures its first usable sample, renders in chunks, renders again if most
 * samples have another size, removes the rows of bad samples, and mixes.
 */
import type { BatchOp, BoundBatchTransform } from '../augment/index.js';
import {
  type BadSample,
  BadSampleError,
  type Batch,
  type Draw,
  fold,
  type ImageRef,
  keyOf,
  type Mask,
  type MaskRef,
  type MovedTargets,
  originAs,
  type Place,
  type Registry,
  RxaugError,
  type Sample,
  type Targets,
  tag,
} from '../core/index.js';
import type { BatchSettings } from './batch-settings.js';
import { batchBytes, commonShape, memoryFor, type RowShape, type Shape, sameShape } from './batch-shape.js';
import { labelsOf, softLabelsOf } from './labels.js';
import { avoided } from './mix/instances.js';
import {
  boundsOf,
  derive,
  drawMixes,
  hidesOf,
  mixedRows,
  mixedTargets,
  nameOfBatch,
  opsOf,
} from './mix/mixing.js';
import { Renderer, rowsOf, type Slot } from './renderer.js';
import { maskRows, maskSlots } from './workers/mask-slots.js';
import { PartialMixError, type Runner } from './workers/runner.js';
import { acquireRunner } from './workers/shared-pools.js';
import { Slots } from './workers/slots.js';

/** Rows of a job: enough to make messages cheap, few enough to share a batch among workers. */
const CHUNK = 64;

/** Crashes during mixing before the stream fails. */
const MIXINGS = 3;

/** The result of a group of samples. The batch is null if none of them can be used. */
export interface Outcome {
  readonly batch: Batch | null;
  readonly bad: readonly BadSample[];
  readonly samples: readonly Sample[];
}

/** The position of a group, and the numbering of its classes. */
export interface Standing {
  /** Number of the batch in its epoch. */
  readonly index: number;
  readonly place: Place;
  /** Class names of the batch: labels of samples of other data sets are matched to them by name. */
  readonly classes: readonly string[];
}

/** One object for all samples without targets, and only where no sample of the batch has any is it not given out. */
const NO_TARGETS: MovedTargets = Object.freeze({});

/** Reasons by row. */
type BadRows = Map<number, string>;

export class BatchRenderer {
  private readonly slots: Slots;
  private readonly maskMemory: Slots;
  private readonly ops: Registry<BatchOp>;
  private readonly measurer: Promise<Renderer>;
  private readonly runner: Runner;
  private closed = false;

  constructor(
    private readonly settings: BatchSettings,
    private readonly transforms: readonly BoundBatchTransform[],
    private readonly workers: number,
  ) {
    const { modules, decoder, hangSeconds, prefetch } = settings;
    this.slots = new Slots(prefetch + 2); // those in progress, one waiting and one in use downstream
    this.maskMemory = new Slots(4 * (prefetch + 2)); // several masks a batch, of 8 or 16 bits
    this.ops = opsOf(transforms);
    this.measurer = Renderer.create({ modules, decoder });
    this.measurer.catch(() => undefined); // reported by the batch that waits for it
    this.runner = acquireRunner({ workers, modules, decoder, hangSeconds });
  }

  dispose(): void {
    this.closed = true;
    this.runner.dispose();
    this.slots.dispose();
    this.maskMemory.dispose();
    void this.measurer.then(
      (renderer) => renderer.dispose(),
      () => undefined,
    );
  }

  async render(samples: readonly Sample[], standing: Standing): Promise<Outcome> {
    const bad: BadRows = new Map();
    const listed = () =>
      [...bad]
        .sort(([a], [b]) => a - b)
        .map(([row, reason]) => ({ id: (samples[row] as Sample).id, reason }));
    const measured = await this.measure(samples, bad);
    if (!measured) return { batch: null, bad: listed(), samples };
    let filled = await this.fill(samples, measured, bad);
    const mixed = filled.shapes.some((shape) => shape && shape !== measured);
    const common = mixed ? commonShape(samples, filled.shapes) : measured;
    if (common && !sameShape(common, measured)) {
      this.give(filled.slot);
      filled = await this.fill(samples, common, bad);
    }
    const { slot, moved, timings } = filled;
    for (const [row, reason] of filled.bad) if (!bad.has(row)) bad.set(row, reason);
    const rows = bad.size === 0 ? undefined : samples.map((_, row) => row).filter((row) => !bad.has(row));
    if (rows?.length === 0) {
      this.give(slot);
      return { batch: null, bad: listed(), samples };
    }
    if (rows) compact(slot, rows);
    const used = rows ? rows.map((row) => samples[row] as Sample) : samples;
    const targets = used.map((_, at) => moved[rows ? (rows[at] as number) : at] ?? NO_TARGETS);
    const batch = this.wrap(used, slot, standing, listed(), timings, targets);
    return {
      batch: this.transforms.length > 0 ? await this.mix(batch, slot) : batch,
      bad: batch.bad,
      samples,
    };
  }

  /** All samples rendered at one size; bad ones have no shape. */
  private async fill(samples: readonly Sample[], shape: RowShape, before: BadRows) {
    const { dtype, layout } = this.settings;
    const { width, height } = shape;
    const bytes = samples.length * 3 * height * width * (dtype === 'uint8' ? 1 : 4);
    const bad: BadRows = new Map();
    const { masks, buffer, fresh } = memoryFor(samples, shape, this.settings, () => ({
      masks: maskSlots(samples, shape, this.maskMemory, bad),
      ...this.slots.take(bytes),
    }));
    const slot: Slot = { buffer, fresh, dtype, layout, masks, width, height };
    const moved = new Array<MovedTargets | undefined>(samples.length);
    const shapes = samples.map((_, row) => (before.has(row) ? undefined : (shape as Shape | undefined)));
    const timings = await this.renderRows(samples, slot, bad, moved, shapes);
    return { slot, bad, moved, shapes, timings };
  }

  /**
   * Height and width of the group: those of its first sample with a size. If a batch of that size would be too large,
   * those of most samples: a file may claim any size.
   */
  private async measure(samples: readonly Sample[], bad: BadRows): Promise<RowShape | undefined> {
    const { dtype, maxBatchBytes } = this.settings;
    const shapes: (Shape | undefined)[] = [];
    for (let row = 0; row < samples.length && !this.closed; row++) {
      const found = await this.measureOne(samples[row] as Sample);
      if ('reason' in found) {
        bad.set(row, found.reason);
        continue;
      }
      shapes[row] = found;
      const first = shapes.findIndex(Boolean) === row;
      if (first && batchBytes(samples, found, dtype) <= maxBatchBytes) return { ...found, row };
    }
    return commonShape(samples, shapes);
  }

  /** A plugin may hang or end its thread, so its recipes are lowered where images are rendered. */
  private async measureOne(sample: Sample): Promise<Shape | { reason: string }> {
    const renderer = await this.measurer;
    const suspect = renderer.foreignIn(sample.recipe);
    if (suspect !== undefined) {
      const { id, image, recipe } = sample;
      const rows = [{ id, image: alone(image), recipe, suspect }];
      const { shapes, failures } = await this.runner.run({ kind: 'measure', rows });
      return shapes?.[0] ?? { reason: failures[0]?.reason ?? '' };
    }
    try {
      const { height, width } = await renderer.measure(sample);
      return { height, width };
    } catch (error) {
      if (!(error instanceof BadSampleError)) throw error;
      return { reason: error.message };
    }
  }

  private async renderRows(
    samples: readonly Sample[],
    slot: Slot,
    bad: BadRows,
    moved: (MovedTargets | undefined)[] = [],
    shapes: (Shape | undefined)[] = [],
  ) {
    const renderer = await this.measurer;
    const chunk = Math.min(CHUNK, Math.ceil(samples.length / Math.max(1, this.workers)));
    const jobs = [];
    for (let first = 0; first < samples.length; first += chunk) {
      const rows = samples.slice(first, first + chunk).map(({ id, image, recipe, targets }) => {
        const suspect = renderer.suspectIn(recipe);
        const row = { id, image: alone(image), recipe, targets: targets && aloneMasks(targets) };
        return suspect === undefined ? row : { ...row, suspect };
      });
      jobs.push(this.runner.run({ kind: 'render', slot, first, rows }).then((result) => ({ first, result })));
    }
    const timings = { decode: 0, render: 0, mix: 0 };
    for (const { first, result } of await Promise.all(jobs)) {
      timings.decode += result.decode;
      timings.render += result.render;
      result.targets?.forEach((targets, row) => {
        moved[first + row] = targets;
      });
      for (const { row, reason, shape } of result.failures) {
        bad.set(first + row, reason);
        if (shapes[first + row]) shapes[first + row] = shape;
      }
    }
    return timings;
  }

  private async mix(batch: Batch, slot: Slot): Promise<Batch> {
    const draws = drawMixes(this.transforms, batch);
    const mixes = this.transforms.length;
    if (draws.length === 0) return derive(batch, { mixes });
    const soft = mixedTargets(draws, batch, this.ops);
    const targets = mixedRows(draws, batch, avoided(slot.masks), this.ops);
    const name = nameOfBatch(batch);
    const rows = { hides: hidesOf(batch), bounds: boundsOf(batch) };
    for (let time = 1; ; time++) {
      try {
        const { render } = await this.runner.run({
          kind: 'mix',
          slot,
          size: batch.size,
          draws,
          name,
          ...rows,
        });
        return derive(batch, {
          soft,
          ...targets,
          recipe: draws,
          mixes,
          timings: { ...batch.timings, mix: render },
        });
      } catch (error) {
        if (!(error instanceof PartialMixError)) throw error;
        if (time === MIXINGS) throw new RxaugError(mixingFails(draws, error));
        const bad: BadRows = new Map();
        await this.renderRows(batch.samples, slot, bad);
        for (const reason of bad.values()) throw new RxaugError(reason); // it was good before
      }
    }
  }

  private give({ buffer, masks }: Slot): void {
    this.slots.give(buffer);
    for (const mask of masks) this.maskMemory.give(mask.buffer);
  }

  private wrap(
    samples: readonly Sample[],
    slot: Slot,
    { index, place, classes }: Standing,
    bad: readonly BadSample[],
    timings: Batch['timings'],
    targets: readonly MovedTargets[],
  ): Batch {
    const { epoch, progress, origin } = samples[0] as Sample;
    const { height, width, dtype, layout, masks } = slot;
    const { size, dropLast } = this.settings;
    const refused = refusedIn(samples, targets);
    let given = false;
    const dispose = () => {
      if (!given) this.give(slot);
      given = true;
    };
    return {
      index,
      epoch,
      progress,
      place,
      gathering: { size, dropLast },
      size: samples.length,
      height,
      width,
      channels: 3,
      dtype,
      layout,
      images: rowsOf(slot, 0, samples.length),
      labels: labelsOf(samples, classes),
      soft: softLabelsOf(samples, classes),
      ...(masks.length > 0 && {
        masks: Object.fromEntries(masks.map((mask) => [mask.name, maskRows(mask, slot, 0, samples.length)])),
      }),
      ...(samples.some((sample) => sample.targets) && { targets }),
      ...(refused.length > 0 && { refused }),
      samples,
      recipe: [],
      mixes: 0,
      origin: originAs(origin, classes),
      bad,
      timings,
      key: fold(keyOf(origin.seed), tag('batch'), epoch, index),
      dispose,
      [Symbol.dispose]: dispose,
    };
  }
}

const mixingFails = (draws: readonly Draw[], { message }: Error) =>
  `${draws.map(({ op }) => op).join(', ')}: mixing a batch ended the worker ${MIXINGS} times (${message}); look at the plugin that does it`;

/** A small part of a large buffer is copied: a message to a worker would copy the whole buffer. */
function alone(image: ImageRef): ImageRef {
  if (image?.kind === 'bytes' && isPart(image.bytes))
    return { ...image, bytes: Uint8Array.from(image.bytes) };
  if (image?.kind === 'pixels' && isPart(image.data)) return { ...image, data: Uint8Array.from(image.data) };
  return image;
}

function aloneMasks(targets: Targets): Targets {
  const of = (given: MaskRef | Mask) => {
    if (typeof given !== 'object' || given === null) return given;
    const image = 'image' in given ? given.image : given;
    if (typeof image !== 'object' || image === null) return given;
    const small =
      image.kind === 'ids' && isPart(image.data)
        ? { ...image, data: image.data.slice() }
        : alone(image as ImageRef);
    return 'image' in given ? { ...given, image: small } : small;
  };
  const { mask, masks } = targets;
  if ((!mask && !masks) || typeof (masks ?? {}) !== 'object') return targets;
  return {
    ...targets,
    ...(mask && { mask: of(mask) }),
    ...(masks && { masks: Object.fromEntries(Object.entries(masks).map(([name, one]) => [name, of(one)])) }),
  };
}

/** False for a value that is not memory: the decoder refuses it and names the sample. */
const isPart = (data: Uint8Array | Uint16Array | undefined) =>
  ArrayBuffer.isView(data) &&
  !(data.buffer instanceof SharedArrayBuffer) &&
  data.buffer.byteLength >= 2 * data.byteLength;

/** Removes bad rows, keeping the order. */
function compact(slot: Slot, rows: readonly number[]): void {
  rows.forEach((from, to) => {
    if (from === to) return;
    rowsOf(slot, to, 1).set(rowsOf(slot, from, 1));
    for (const mask of slot.masks) maskRows(mask, slot, to, 1).set(maskRows(mask, slot, from, 1));
  });
}

/** Targets that were left out of rows of the batch. */
function refusedIn(samples: readonly Sample[], targets: readonly MovedTargets[]): BadSample[] {
  const all: BadSample[] = [];
  targets.forEach(({ refused }, row) => {
    if (refused) for (const reason of refused) all.push({ id: (samples[row] as Sample).id, reason });
  });
  return all;
}
