/**
 * From a group of samples to a batch: measured by its first usable sample, rendered in chunks, closed up
 * where samples were bad, and mixed.
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
  type MovedTargets,
  originAs,
  type Place,
  type Registry,
  RxaugError,
  type Sample,
  tag,
} from '../core/index.js';
import type { BatchSettings } from './batch-settings.js';
import { labelsOf, softLabelsOf } from './labels.js';
import { derive, drawMixes, mixedTargets, nameOfBatch, opsOf } from './mixing.js';
import { Renderer, rowsOf, type Slot } from './renderer.js';
import { HalfDone, type Runner } from './runner.js';
import { acquireRunner } from './shared-pools.js';
import { Slots } from './slots.js';

/** Rows of a job: enough to make messages cheap, few enough to share a batch among workers. */
const CHUNK = 64;

/** How often mixing may end a worker before the stream fails. */
const MIXINGS = 3;

/** What became of a group of samples. The batch is null when none of them can be used. */
export interface Outcome {
  readonly batch: Batch | null;
  readonly bad: readonly BadSample[];
  readonly samples: readonly Sample[];
}

/** Where a group stands, and how its classes are numbered. */
export interface Standing {
  /** Number of the batch in its epoch. */
  readonly index: number;
  readonly place: Place;
  /** Class names of the batch: labels of samples of other data sets are matched to them by name. */
  readonly classes: readonly string[];
}

/** Reasons by row. */
type BadRows = Map<number, string>;

export class GroupRenderer {
  private readonly slots: Slots;
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
    this.slots = new Slots(prefetch + 2); // those under way, one waiting and one in use downstream
    this.ops = opsOf(transforms);
    this.measurer = Renderer.create({ modules, decoder });
    this.measurer.catch(() => undefined); // reported by the batch that waits for it
    this.runner = acquireRunner({ workers, modules, decoder, hangSeconds });
  }

  dispose(): void {
    this.closed = true;
    this.runner.dispose();
    this.slots.dispose();
    void this.measurer.then(
      (renderer) => renderer.dispose(),
      () => undefined,
    );
  }

  async render(samples: readonly Sample[], standing: Standing): Promise<Outcome> {
    const bad: BadRows = new Map();
    const listed = () => [...bad].map(([row, reason]) => ({ id: (samples[row] as Sample).id, reason }));
    const shape = await this.measure(samples, bad);
    if (!shape) return { batch: null, bad: listed(), samples };
    const { dtype, layout } = this.settings;
    const values = 3 * shape.height * shape.width;
    const { buffer, fresh } = this.slots.take(samples.length * values * (dtype === 'uint8' ? 1 : 4));
    const slot: Slot = { buffer, fresh, dtype, layout, masks: masksFor(samples, shape), ...shape };
    const moved = new Array<MovedTargets | undefined>(samples.length);
    const timings = await this.renderRows(samples, slot, bad, moved);
    const rows = samples.map((_, row) => row).filter((row) => !bad.has(row));
    if (rows.length === 0) {
      this.slots.give(buffer);
      return { batch: null, bad: listed(), samples };
    }
    compact(slot, rows);
    const used = bad.size === 0 ? samples : rows.map((row) => samples[row] as Sample);
    const targets = rows.map((row) => moved[row] ?? {});
    const batch = this.wrap(used, slot, standing, listed(), timings, targets);
    return {
      batch: this.transforms.length > 0 ? await this.mix(batch, slot) : batch,
      bad: batch.bad,
      samples,
    };
  }

  /** Height and width of the group: those of its first sample that has any. */
  private async measure(samples: readonly Sample[], bad: BadRows) {
    const renderer = await this.measurer;
    for (let row = 0; row < samples.length && !this.closed; row++) {
      try {
        const { height, width } = await renderer.measure(samples[row] as Sample);
        return { height, width };
      } catch (error) {
        if (!(error instanceof BadSampleError)) throw error;
        bad.set(row, error.message);
      }
    }
    return undefined;
  }

  private async renderRows(
    samples: readonly Sample[],
    slot: Slot,
    bad: BadRows,
    moved: (MovedTargets | undefined)[] = [],
  ) {
    const renderer = await this.measurer;
    const chunk = Math.min(CHUNK, Math.ceil(samples.length / Math.max(1, this.workers)));
    const jobs = [];
    for (let first = 0; first < samples.length; first += chunk) {
      const rows = samples.slice(first, first + chunk).map(({ id, image, recipe, targets }) => {
        const suspect = renderer.suspectIn(recipe);
        return { id, image: alone(image), recipe, targets, ...(suspect !== undefined && { suspect }) };
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
      for (const { row, reason } of result.failures) if (!bad.has(first + row)) bad.set(first + row, reason);
    }
    return timings;
  }

  private async mix(batch: Batch, slot: Slot): Promise<Batch> {
    const draws = drawMixes(this.transforms, batch);
    const mixes = this.transforms.length;
    if (draws.length === 0) return derive(batch, { mixes });
    const soft = mixedTargets(draws, batch, this.ops);
    const name = nameOfBatch(batch);
    for (let time = 1; ; time++) {
      try {
        const { render } = await this.runner.run({ kind: 'mix', slot, size: batch.size, draws, name });
        return derive(batch, { soft, recipe: draws, mixes, timings: { ...batch.timings, mix: render } });
      } catch (error) {
        if (!(error instanceof HalfDone)) throw error;
        if (time === MIXINGS) throw new RxaugError(mixingFails(draws, error));
        const bad: BadRows = new Map();
        await this.renderRows(batch.samples, slot, bad);
        for (const reason of bad.values()) throw new RxaugError(reason); // it was good before
      }
    }
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
    const { height, width, dtype, layout, buffer, masks } = slot;
    const { size, dropLast } = this.settings;
    let given = false;
    const dispose = () => {
      if (!given) this.slots.give(buffer);
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
      ...(masks && { masks: new Uint8Array(masks, 0, samples.length * height * width) }),
      ...(samples.some((sample) => sample.targets) && { targets }),
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

/** A small part of a large buffer is copied: a message to a worker would take the whole buffer along. */
function alone(image: ImageRef): ImageRef {
  if (image.kind === 'bytes' && isPart(image.bytes)) return { ...image, bytes: Uint8Array.from(image.bytes) };
  if (image.kind === 'pixels' && isPart(image.data)) return { ...image, data: Uint8Array.from(image.data) };
  return image;
}

const isPart = ({ buffer, byteLength }: Uint8Array) =>
  !(buffer instanceof SharedArrayBuffer) && buffer.byteLength >= 2 * byteLength;

/** Closes the gaps that bad rows left, keeping the order. */
function compact(slot: Slot, rows: readonly number[]): void {
  rows.forEach((from, to) => {
    if (from === to) return;
    rowsOf(slot, to, 1).set(rowsOf(slot, from, 1));
    const size = slot.height * slot.width;
    if (slot.masks) new Uint8Array(slot.masks).copyWithin(to * size, from * size, (from + 1) * size);
  });
}

/** Memory for the masks of a batch, where any of its samples has one. */
function masksFor(samples: readonly Sample[], { height, width }: { height: number; width: number }) {
  const any = samples.some(({ targets }) => targets?.mask);
  return any ? new SharedArrayBuffer(samples.length * height * width) : undefined;
}
