/** Turns chunks of samples into pixels of a batch: decode once, lower the recipe, one fused render. */
import {
  applyBatchDraws,
  Engine,
  lower,
  type Op,
  ownerOf,
  type Plan,
  PluginError,
  titleOf,
} from '../augment/index.js';
import {
  BadSampleError,
  type Draw,
  type Dtype,
  type ImageRef,
  type Layout,
  type MovedTargets,
  messageOf,
  type Recipe,
  RxaugError,
  type Sample,
  type Targets,
} from '../core/index.js';
import { Decoder, type DecoderOptions } from '../io/decode/decode.js';
import type { Pixels } from '../io/decode/pixels.js';
import { otherShape, type Shape, sameShape } from './batch-shape.js';
import { mixMasks } from './mix/mix-masks.js';
import { checkFollowed, movedTargets, namedMasks, renderMask, targetsAfter } from './row-targets.js';
import { forPixels, Viewed } from './viewed.js';
import { type MaskSlot, maskRows } from './workers/mask-slots.js';
import { type Registries, registriesOf } from './workers/modules.js';
import { accountExternalMemory } from './workers/slots.js';

/** The memory of a batch and the layout of its images. */
export interface Slot {
  readonly buffer: SharedArrayBuffer;
  /** True if not used before. */
  readonly fresh: boolean;
  readonly dtype: Dtype;
  readonly layout: Layout;
  readonly height: number;
  readonly width: number;
  /** Present if samples have masks. */
  readonly masks: readonly MaskSlot[];
}

/** What a worker needs of a sample. */
export interface Row {
  readonly id: string;
  readonly image: ImageRef;
  readonly recipe: Recipe;
  readonly targets?: Targets;
  /** The plugin transform that renders it, if any: a crash is attributed to it. */
  readonly suspect?: string;
}

export interface RenderJob {
  readonly kind: 'render';
  readonly slot: Slot;
  /** Row of the batch for the first of `rows`. */
  readonly first: number;
  readonly rows: readonly Row[];
}

export interface MixJob {
  readonly kind: 'mix';
  readonly slot: Slot;
  readonly size: number;
  readonly draws: readonly Draw[];
  /** Name of the batch in error messages. */
  readonly name: string;
  /** Rows whose masks erased pixels hide. */
  readonly hides: readonly boolean[];
  /** By row, the bound of its instance numbers. */
  readonly bounds: readonly number[];
}

/** Asks for the rendered sizes of rows: plugins, which may hang, run in workers. */
export interface MeasureJob {
  readonly kind: 'measure';
  readonly rows: readonly Row[];
}

export type Job = RenderJob | MixJob | MeasureJob;

/** A row of a job that could not be rendered. */
export interface Failure {
  readonly row: number;
  readonly reason: string;
  /** Its size, if only the size is wrong. */
  readonly shape?: Shape;
}

export interface JobResult {
  readonly failures: readonly Failure[];
  /** Of a measure job: the size of each row that has one. */
  readonly shapes?: readonly (Shape | undefined)[];
  /** Boxes and keypoints of each row of the job, where there are any. */
  readonly targets?: readonly (MovedTargets | undefined)[];
  /** Milliseconds. */
  readonly decode: number;
  readonly render: number;
}

/** Called with the row index before each row, so a crash can be attributed to its sample. Throw to cancel the job. */
export type Progress = (row: number) => void;

/** A sample rendered on its own, [H, W, 3], with its targets moved along. */
export interface RenderedSample<D extends Uint8Array | Float32Array = Uint8Array> {
  readonly data: D;
  readonly width: number;
  readonly height: number;
  readonly targets?: Targets;
}

export interface RendererOptions {
  /** Modules of plugins, as URLs: see `modules.ts`. */
  readonly modules?: readonly string[];
  readonly decoder?: DecoderOptions;
}

export class Renderer {
  private readonly engine = new Engine();
  private readonly decoder: Decoder;

  private constructor(
    private readonly registries: Registries,
    options: RendererOptions,
  ) {
    this.decoder = new Decoder(options.decoder);
  }

  static async create(options: RendererOptions = {}): Promise<Renderer> {
    return new Renderer(await registriesOf(options.modules), options);
  }

  /** Height and width of a sample once rendered, from its header alone. */
  async measure({ image, recipe, id }: Row | Sample): Promise<{ height: number; width: number }> {
    const { width, height } = await this.decoder.probe(image, id);
    return this.lowered(id, recipe, width, height);
  }

  private lowered(id: string, recipe: Recipe, width: number, height: number, targets?: Targets): Plan {
    try {
      return lower(recipe, width, height, this.registries.ops, true, targets?.boxes);
    } catch (error) {
      throw error instanceof PluginError ? blame(id, error) : error;
    }
  }

  /** The plugin and transform behind a recipe, if it holds draws of one. */
  suspectIn(recipe: Recipe): string | undefined {
    return this.find(recipe, (op) => ownerOf(op) !== undefined);
  }

  /** The first op from a module, in a recipe or in the recipes inside its draws. */
  foreignIn(recipe: Recipe): string | undefined {
    return this.find(recipe, () => true);
  }

  private find(recipe: Recipe, counts: (op: Op) => boolean): string | undefined {
    const { ops, foreign } = this.registries;
    if (foreign.size === 0) return undefined;
    for (const { op: name, params } of recipe) {
      if (!ops.has(name)) continue;
      const op = ops.get(name);
      if (foreign.has(name) && counts(op)) return titleOf(op);
      const held = op.recipes === undefined ? [] : (params[op.recipes] as readonly Recipe[]);
      for (const inner of held) {
        const found = this.find(inner, counts);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  /** The pixels of one sample after its draws, uint8; a recipe with normalize is refused. */
  async renderAlone(sample: Sample): Promise<RenderedSample> {
    const rendered = await this.renderAny(sample);
    if (rendered.data instanceof Uint8Array) return rendered as RenderedSample;
    throw new RxaugError(
      `normalize: expected uint8 pixels here but received normalized ones; move normalize() behind it; sample ${sample.id}`,
    );
  }

  /** The same, as float32 if the recipe normalizes; with `dtype: 'float32'` always, then in [0, 1]. */
  async renderAny(
    { id, image, recipe, targets }: Sample,
    dtype?: 'float32',
  ): Promise<RenderedSample<Uint8Array | Float32Array>> {
    const view = new Viewed((_: unknown, width, height) => this.lowered(id, recipe, width, height, targets));
    const pixels = await this.decoder.decode(image, this.memoryFor(image), id, view.look);
    const plan = view.of(pixels);
    const { width, height } = plan;
    let data: Uint8Array | Float32Array;
    try {
      const float = plan.normalized || dtype === 'float32';
      data = new (float ? Float32Array : Uint8Array)(3 * width * height);
      const as = { data, width, height, dtype: float ? 'float32' : 'uint8', layout: 'HWC' } as const;
      this.engine.run(forPixels(plan, pixels), pixels, as);
    } catch (error) {
      throw error instanceof BadSampleError ? error : blame(id, error);
    }
    if (!targets) return { data, width, height };
    const moving = { id, targets, plan, width: view.width, height: view.height };
    return { data, width, height, targets: targetsAfter(moving, this.decoder, this.engine) };
  }

  /** Memory to decode an image to. RGB pixels stay where they are: the engine copies what it reads. */
  private memoryFor(image: ImageRef) {
    return image?.kind === 'pixels' && image.channels === 3 ? undefined : this.engine.source;
  }

  async run(job: Job, progress?: Progress): Promise<JobResult> {
    if (job.kind === 'render') return this.renderRows(job, progress);
    return job.kind === 'mix' ? this.mix(job) : this.measureRows(job, progress);
  }

  private async measureRows({ rows }: MeasureJob, progress?: Progress): Promise<JobResult> {
    const failures: Failure[] = [];
    const shapes: (Shape | undefined)[] = [];
    for (const [i, row] of rows.entries()) {
      progress?.(i);
      try {
        const { width, height } = await this.measure(row);
        shapes[i] = { width, height };
      } catch (error) {
        if (!(error instanceof BadSampleError)) throw blame(row.id, error);
        failures.push({ row: i, reason: error.message });
      }
    }
    return { failures, shapes, decode: 0, render: 0 };
  }

  dispose(): void {
    this.decoder.dispose();
  }

  private async renderRows({ slot, first, rows }: RenderJob, progress?: Progress): Promise<JobResult> {
    if (slot.fresh) accountExternalMemory(slot.buffer.byteLength);
    const failures: Failure[] = [];
    // A row without targets also has a row in the masks of the batch.
    const targets =
      slot.masks.length > 0 || rows.some((row) => row.targets)
        ? new Array<MovedTargets | undefined>(rows.length)
        : undefined;
    let decode = 0;
    let render = 0;
    let mark = performance.now();
    const lap = () => {
      const from = mark;
      mark = performance.now();
      return mark - from;
    };
    const { ops } = this.registries;
    const view = new Viewed<Row>(({ recipe, targets }, width, height) =>
      lower(recipe, width, height, ops, true, targets?.boxes),
    );
    for (let i = 0; i < rows.length; i++) {
      progress?.(i);
      const row = rows[i] as Row;
      try {
        view.begin(row);
        // Awaiting a value that is not a promise would cost a microtask per sample.
        const decoded = this.decoder.decode(row.image, this.memoryFor(row.image), row.id, view.look);
        const pixels = decoded instanceof Promise ? await decoded : decoded;
        decode += lap();
        const plan = view.of(pixels);
        this.renderOne(plan, pixels, slot, first + i);
        if (targets) targets[i] = this.moveTargets(row, plan, view, slot, first + i);
        render += lap();
      } catch (error) {
        if (!(error instanceof BadSampleError)) throw blame(row.id, error);
        const shape = error instanceof OtherShape ? error.shape : undefined;
        failures.push({ row: i, reason: error.message, ...(shape && { shape }) });
      }
    }
    this.engine.rest();
    return { failures, targets, decode, render };
  }

  private moveTargets(
    row: Row,
    plan: Plan,
    { width, height }: Viewed<Row>,
    slot: Slot,
    at: number,
  ): MovedTargets {
    const moving = { id: row.id, targets: row.targets ?? {}, plan, width, height };
    checkFollowed(moving);
    const masks = namedMasks(moving.targets, row.id);
    let instances = 0;
    for (const place of slot.masks) {
      const out = maskRows(place, slot, at, 1);
      const mask = masks.find(({ name }) => name === place.name);
      if (mask) instances = Math.max(instances, renderMask(moving, mask, this.decoder, this.engine, out));
      else out.fill(place.ignore);
    }
    return movedTargets(moving, this.engine, instances);
  }

  private renderOne(plan: Plan, pixels: Pixels, slot: Slot, row: number): void {
    if (!sameShape(plan, slot)) throw new OtherShape(slot, plan);
    if (plan.normalized && slot.dtype === 'uint8') {
      throw new RxaugError(
        "normalize: expected a float32 batch but received uint8; use batch(size, { dtype: 'float32' })",
      );
    }
    const { height, width, dtype, layout } = slot;
    const target = { data: rowsOf(slot, row, 1), height, width, dtype, layout };
    this.engine.run(forPixels(plan, pixels), pixels, target);
  }

  private mix({ slot, size, draws, name, hides, bounds }: MixJob): JobResult {
    const from = performance.now();
    const { height, width, layout } = slot;
    const pixels = { data: rowsOf(slot, 0, size), size, height, width, layout };
    try {
      applyBatchDraws(draws, pixels, this.registries.batchOps);
      if (slot.masks.length > 0) {
        const masks = slot.masks.map((place) => ({ ...place, data: maskRows(place, slot, 0, size) }));
        const rows = { hides, bounds };
        mixMasks(draws, masks, rows, { size, height, width }, this.registries.batchOps);
      }
    } catch (error) {
      throw error instanceof PluginError ? new RxaugError(`${error.message}; ${name}`) : error;
    }
    return { failures: [], decode: 0, render: performance.now() - from };
  }
}

/** A usable sample of another size than its batch. */
class OtherShape extends BadSampleError {
  readonly shape: Shape;

  constructor(expected: Shape, { width, height }: Shape) {
    super(otherShape(expected, { width, height }));
    this.shape = { width, height };
  }
}

/** The values of some rows of a slot. */
export function rowsOf(
  { buffer, dtype, height, width }: Slot,
  first: number,
  count: number,
): Uint8Array | Float32Array {
  const stride = 3 * height * width;
  return dtype === 'uint8'
    ? new Uint8Array(buffer, first * stride, count * stride)
    : new Float32Array(buffer, 4 * first * stride, count * stride);
}

function blame(id: string, error: unknown): Error {
  const message = messageOf(error);
  if (error instanceof RangeError && /grow|allocation|array length/i.test(message)) {
    return new RxaugError(
      `${id}: rendering needs more memory than is available; resize or crop earlier, or use smaller sizes`,
      { cause: error },
    );
  }
  if (error instanceof PluginError) return new RxaugError(`${message}; sample ${id}`, { cause: error });
  return error instanceof RxaugError
    ? error
    : new RxaugError(`${id}: rendering failed: ${message}`, { cause: error });
}
