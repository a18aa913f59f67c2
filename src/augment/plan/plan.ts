/**
 * A recipe lowered to the fewest passes over the pixels with the same result. Within a pass each output row is sampled
 * and changed in place while it is in cache. Only what needs the whole image (a mean) or its neighbors (a second
 * resampling) begins a new pass.
 */
import { type Draw, expected, type Recipe, RxaugError } from '../../core/index.js';
import {
  type Border,
  type Box,
  type Color,
  chain,
  compose,
  type FastFilter,
  type FastStep,
  fillPatches,
  type Geometry,
  IDENTITY,
  isExact,
  isInside,
  isSeparable,
  type Matrix,
  type Patch,
  type Patches,
  type Resampling,
  type RowStep,
  type Scale,
  scaleOf,
  type Tables,
  type Taps,
  tableOf,
  type Warp,
  type Filter as Weights,
  weightsOf,
} from '../../kernels/index.js';
import { sharedScale } from './shared-scale.js';

/** One thing done to each row, in order. */
export type Step =
  | { readonly kind: 'table'; readonly tables: Tables }
  /** Opens a pass: a table computed from the mean luma of the previous pass's output. */
  | { readonly kind: 'meanLuma'; readonly then: (mean: number) => Tables }
  /** Opens a pass: tables computed from the counts [3, 256] of each value by channel. */
  | {
      readonly kind: 'histogram';
      readonly name: string;
      readonly then: (counts: Int32Array) => Tables;
      readonly ends: boolean;
    }
  /** Any other change of rows; `fast` is its WebAssembly version. */
  | { readonly kind: 'row'; readonly name: string; readonly run: RowStep; readonly fast?: FastStep };

/** Needs a pixel's neighbors, or the whole image: from one image to another of the same size. */
export interface Filter {
  readonly name: string;
  /** [H, W, 3] uint8 each; `input` may be changed; `output` is not initialized. */
  readonly run: (input: Uint8Array, output: Uint8Array, width: number, height: number, tools: Tools) => void;
  /** Its WebAssembly version. */
  readonly fast?: FastFilter;
}

/** Operations for filters that have fast kernels. */
export interface Tools {
  /**
   * Convolves along rows with one odd kernel and along columns with another, edges reflected without the edge
   * pixel twice; kernels are of positive weights, normalized to one.
   */
  separable(
    input: Uint8Array,
    output: Uint8Array,
    width: number,
    height: number,
    alongX: readonly number[],
    alongY: readonly number[],
  ): void;
  /** Resamples by a table along x and one along y, to the size that these have. */
  resample(
    input: Uint8Array,
    width: number,
    height: number,
    output: Uint8Array,
    alongX: Weights,
    alongY: Weights,
  ): void;
  /** Convolves with any kernel, edges reflected without the edge pixel twice; the result is rounded and clipped. */
  convolve(input: Uint8Array, output: Uint8Array, width: number, height: number, taps: Taps): void;
  /** About `segments` patches of similar color. */
  slic(input: Uint8Array, width: number, height: number, segments: number): Patches;
  /** The median of size × size (3, 5 or 7) values around each, edges repeated. */
  median(input: Uint8Array, output: Uint8Array, width: number, height: number, size: number): void;
}

/** Several renderings of one image, of its size, and their weights: a branch without passes is the image itself. */
export interface Blend {
  readonly branches: readonly (readonly Pass[])[];
  /** Shares in 14 bits. */
  readonly weights: Int16Array;
}

/** One walk over the pixels: filter or blend the input, sample it, change each row. */
export interface Pass {
  /** Applied to the whole input before it is sampled. */
  readonly filter?: Filter;
  /** Replaces the whole input before it is sampled. */
  readonly blend?: Blend;
  readonly geometry: Geometry | Warp;
  readonly steps: readonly Step[];
}

/** One move of pixels, from an image of this size. Targets follow it. */
export interface Move {
  readonly width: number;
  readonly height: number;
  readonly to: Geometry | Warp;
}

/** Filled pixels, which hide targets if their `erased` is 'hide'. */
export interface Hole {
  /** The number of moves before it. */
  readonly after: number;
  readonly patches: readonly Patch[];
}

/** A recipe lowered for an image of one size: its passes, the moves that targets follow, and the size of the output. */
export interface Plan {
  readonly moves: readonly Move[];
  /** In order. */
  readonly holes: readonly Hole[];
  /** Names of draws that move pixels in a branch of a blend, where targets cannot follow. */
  readonly unfollowed: readonly string[];
  /** Whether the plan depends on the boxes of the sample. */
  readonly usesBoxes: boolean;
  readonly passes: readonly Pass[];
  readonly width: number;
  readonly height: number;
  /** From bytes to what a float32 batch holds; set by normalize. */
  readonly scale: Scale;
  readonly normalized: boolean;
  /** Rectangles filled after the write, in the units of the batch. */
  readonly patches: readonly Patch[];
}

/** How a move samples pixels: what lies outside the image, how values are interpolated, what of the input is seen. */
export interface GeometryOptions {
  border?: Border;
  fill?: Color;
  interpolation?: Resampling;
  antialias?: boolean;
  /** The part of the input that may be seen, default all of it. */
  window?: Box;
}

/**
 * What a transform lowers itself onto: `lower` of `defineTransform` receives one. Moves of pixels are composed and
 * row operations collected while that is exact; only what needs the whole image or its neighbors begins a new
 * pass. `fuse: false` makes a pass of every operation, for comparison.
 *
 * @example
 * const plan = new PlanBuilder(64, 48);
 * plan.lookUp((value) => 255 - value);
 * plan.finish().passes.length // → 1
 */
export class PlanBuilder {
  private passes: Pass[] = [];
  private open: { filter?: Filter; blend?: Blend; geometry: Geometry | Warp; steps: Step[] };
  private readonly moved: Move[] = [];
  private readonly holes: Hole[] = [];
  private readonly unfollowed: string[] = [];
  private usesBoxes = false;
  private scale: Scale | undefined;
  private patches: Patch[] = [];

  constructor(
    width: number,
    height: number,
    readonly fuse = true,
    /** Lowers a draw by the name of its op: for draws that hold draws. */
    private readonly lowerDraw?: (draw: Draw, plan: PlanBuilder) => void,
    /** The boxes of the sample after some moves: for crops that keep them. */
    private readonly boxesAfter: (moves: readonly Move[]) => readonly Box[] = none,
  ) {
    this.open = { geometry: whole(width, height), steps: [] };
  }

  /** Width of the image as it is at this point. */
  get width(): number {
    return this.open.geometry.width;
  }

  get height(): number {
    return this.open.geometry.height;
  }

  /** The boxes of the sample as they are at this point, [x0, y0, x1, y1] in pixels; none where it has none. */
  boxes(): readonly Box[] {
    this.usesBoxes = true;
    return this.boxesAfter(this.moved);
  }

  /** Moves pixels: `matrix` maps output to input coordinates (pixel centers at ½). */
  geometry(matrix: Matrix, width: number, height: number, options: GeometryOptions = {}): void {
    this.refuseAfterNormalize('moving pixels');
    const { border = 'constant', fill = [0, 0, 0], interpolation = 'bilinear', antialias = false } = options;
    const window = options.window ?? ([0, 0, this.width, this.height] as const);
    const next = { matrix, width, height, border, fill, interpolation, antialias, window };
    if ((interpolation === 'bicubic' || interpolation === 'lanczos') && !isSeparable(next)) {
      throw new RxaugError(
        `${interpolation}: it resizes upright and within the image, but this move does not; use bilinear`,
      );
    }
    this.moved.push({ width: this.width, height: this.height, to: next });
    const { geometry } = this.open;
    const joined =
      this.fuse && !('kind' in geometry) && this.movable(next) ? compose(geometry, next) : undefined;
    if (joined) this.open.geometry = joined;
    else {
      this.close();
      this.open.geometry = next;
    }
  }

  /** Moves pixels by a function of the place. */
  warp(warp: Omit<Warp, 'kind'>): void {
    this.refuseAfterNormalize('moving pixels');
    const next = { ...warp, kind: 'warp' } as const;
    this.moved.push({ width: this.width, height: this.height, to: next });
    this.close();
    this.open.geometry = next;
  }

  /** Changes pixels by their neighbors, or by the whole image. */
  filter(name: string, run: Filter['run'], fast?: FastFilter): void {
    this.refuseAfterNormalize(name);
    this.close();
    this.open.filter = fast ? { name, run, fast } : { name, run };
  }

  /**
   * Renders recipes over copies of the image as it is at this point, and weighs the results; an empty recipe is
   * the image itself. Targets can follow no branch: what moves pixels in one is noted in `Plan.unfollowed`.
   */
  blend(branches: readonly Recipe[], weights: readonly number[]): void {
    this.refuseAfterNormalize('blend');
    const quantized = weightsOf(weights);
    const counted = branches.map((_, k) => k).filter((k) => quantized[k] !== 0);
    const passes = counted.map((k) => this.branch(branches[k] as Recipe));
    this.close();
    if (passes.every((branch) => branch.length === 0)) return;
    this.open.blend = { branches: passes, weights: quantized.filter((weight) => weight !== 0) };
  }

  /** The passes of a recipe over a copy. */
  private branch(recipe: Recipe): readonly Pass[] {
    const { width, height, fuse, lowerDraw } = this;
    const plan = new PlanBuilder(width, height, fuse, lowerDraw);
    for (const draw of recipe) {
      if (!lowerDraw)
        throw new RxaugError('blend: this plan was made without operators; use lower(recipe, …)');
      const moves = plan.moved.length;
      lowerDraw(draw, plan);
      if (plan.moved.length > moves) this.unfollowed.push(draw.op);
    }
    this.unfollowed.push(...plan.unfollowed);
    plan.close();
    if (plan.width !== width || plan.height !== height || plan.scale) {
      throw new RxaugError(
        `blend: a branch of ${recipe.map(({ op }) => op).join(', ')} changes the size or normalizes; put that before or after the blend`,
      );
    }
    return plan.passes;
  }

  /** Every move so far, for the targets that follow the pixels. */
  get moves(): readonly Move[] {
    return this.moved;
  }

  /** Pixels can move after a step that treats each alone, if none is invented that the step did not see. */
  private movable(next: Geometry): boolean {
    if (this.open.steps.length === 0) return true;
    const pure = this.open.steps.every((step) => step.kind !== 'row' || PLACELESS.has(step.name));
    return pure && isExact(next) && (next.border !== 'constant' || isInside(next));
  }

  /** One table a channel, or a function of 0..255 for all three. */
  lookUp(tables: Tables | ((value: number) => number)): void {
    this.refuseAfterNormalize('color');
    const next = typeof tables === 'function' ? tableOf(tables) : tables;
    const last = this.open.steps.at(-1);
    if (last?.kind === 'table' && this.fuse) {
      this.open.steps[this.open.steps.length - 1] = { kind: 'table', tables: chain(last.tables, next) };
    } else this.add({ kind: 'table', tables: next });
  }

  /** Changes each row, where no table can express it. */
  row(name: string, run: RowStep, fast?: FastStep): void {
    this.refuseAfterNormalize('color');
    this.add({ kind: 'row', name, run, ...(fast && { fast }) });
  }

  /** A table that depends on the mean luma of the image at this point. */
  fromMeanLuma(then: (mean: number) => Tables): void {
    this.refuseAfterNormalize('color');
    this.close();
    this.open.steps.push({ kind: 'meanLuma', then });
  }

  /**
   * Tables that depend on how often each value occurs, by channel, at this point. With `ends` the
   * counts say only which values are the lowest and the highest of each channel: 1 there, 0 elsewhere.
   */
  fromHistogram(name: string, then: (counts: Int32Array) => Tables, ends = false): void {
    this.refuseAfterNormalize('color');
    this.close();
    this.open.steps.push({ kind: 'histogram', name, then, ends });
  }

  /** Fills rectangles; after `normalize` in the units of the batch, before it in 0..255. */
  fill(patches: Patch | readonly Patch[]): void {
    const all = Array.isArray(patches) ? (patches as readonly Patch[]) : [patches as Patch];
    if (all.length > 0) this.holes.push({ after: this.moved.length, patches: all });
    if (this.scale) {
      for (const patch of all) this.patches.push(patch);
      return;
    }
    for (const { color } of all) {
      if (color?.some((v) => !(v >= 0 && v <= 255))) {
        throw new RxaugError(
          `${expected('fill', 'a color in 0..255 before normalize', color)}; put it after normalize to fill in the units of the batch`,
        );
      }
    }
    if (all.length > 0) this.add({ kind: 'row', name: 'fill', run: fillPatches(all) });
  }

  /** (value/255 − mean)/std on the way into the batch. */
  normalize(mean: readonly number[], std: readonly number[]): void {
    this.refuseAfterNormalize('normalize');
    this.scale = sharedScale(mean, std);
  }

  finish(): Plan {
    const { width, height, scale, patches } = this;
    const passes = [...this.passes, this.open];
    return {
      moves: this.moved,
      holes: this.holes,
      unfollowed: this.unfollowed,
      usesBoxes: this.usesBoxes,
      passes,
      width,
      height,
      scale: scale ?? PLAIN,
      normalized: scale !== undefined,
      patches,
    };
  }

  private add(step: Step): void {
    if (!this.fuse) this.close();
    this.open.steps.push(step);
  }

  private close(): void {
    const { filter, blend, geometry, steps } = this.open;
    if (filter || blend || steps.length > 0 || !isWhole(geometry)) this.passes.push(this.open);
    this.open = { geometry: whole(this.width, this.height), steps: [] };
  }

  private refuseAfterNormalize(what: string): void {
    if (this.scale) {
      throw new RxaugError(
        `normalize: ${what} follows it, but only erasing may; move normalize towards the end`,
      );
    }
  }
}

const none = (): readonly Box[] => [];
const PLAIN = scaleOf();

/** Row steps that do not depend on the position of a pixel. */
const PLACELESS = new Set(['saturate', 'hue', 'hsv', 'colorMatrix', 'toGray']);

const whole = (width: number, height: number): Geometry => ({
  matrix: IDENTITY,
  width,
  height,
  border: 'edge',
  fill: [0, 0, 0],
  interpolation: 'bilinear',
  antialias: false,
  window: [0, 0, width, height],
});

/** True for a pass that moves nothing. */
export const isWhole = (geometry: Geometry | Warp): boolean =>
  !('kind' in geometry) &&
  geometry.matrix === IDENTITY &&
  geometry.width === geometry.window[2] &&
  geometry.height === geometry.window[3];
