/**
 * A recipe lowered: the fewest passes over the pixels that mean the same. Within a pass each output row is
 * sampled, changed in place and handed on while it is in cache. Only what needs the whole image (a mean)
 * or its neighbours (a second resampling) begins a new pass.
 */
import { expected, RxaugError } from '../../core/index.js';
import {
  type Border,
  type Box,
  type Colour,
  chain,
  compose,
  fillPatch,
  type Geometry,
  IDENTITY,
  type Interpolation,
  isExact,
  isInside,
  type Matrix,
  type Patch,
  type RowStep,
  type Scale,
  scaleOf,
  type Tables,
  tableOf,
} from '../../kernels/index.js';

/** One thing done to each row, in order. */
export type Step =
  | { readonly kind: 'table'; readonly tables: Tables }
  /** Opens a pass: a table known once the mean luma of what the pass before gave is. */
  | { readonly kind: 'meanLuma'; readonly then: (mean: number) => Tables }
  /** Anything else that is done to rows. With a value, kernels that know the name may do it in place of `run`. */
  | { readonly kind: 'row'; readonly name: string; readonly run: RowStep; readonly value?: number };

export interface Pass {
  readonly geometry: Geometry;
  readonly steps: readonly Step[];
}

export interface Plan {
  readonly passes: readonly Pass[];
  readonly width: number;
  readonly height: number;
  /** From bytes to what a float32 batch holds; set by normalize. */
  readonly scale: Scale;
  readonly normalized: boolean;
  /** Rectangles filled after the write, in the units of the batch. */
  readonly patches: readonly Patch[];
}

export interface GeometryOptions {
  border?: Border;
  fill?: Colour;
  interpolation?: Interpolation;
  antialias?: boolean;
  /** The part of the input that may be seen, default all of it. */
  window?: Box;
}

/** What a transform lowers itself onto. `fuse: false` makes a pass of every operation: the reference. */
export class PlanBuilder {
  private passes: Pass[] = [];
  private open: { geometry: Geometry; steps: Step[] };
  private scale: Scale | undefined;
  private patches: Patch[] = [];

  constructor(
    width: number,
    height: number,
    readonly fuse = true,
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

  /** Moves pixels: `matrix` maps output to input coordinates (pixel centres at ½). */
  geometry(matrix: Matrix, width: number, height: number, options: GeometryOptions = {}): void {
    this.refuseAfterNormalize('moving pixels');
    const { border = 'constant', fill = [0, 0, 0], interpolation = 'bilinear', antialias = false } = options;
    const window = options.window ?? ([0, 0, this.width, this.height] as const);
    const next = { matrix, width, height, border, fill, interpolation, antialias, window };
    const joined = this.fuse && this.movable(next) ? compose(this.open.geometry, next) : undefined;
    if (joined) this.open.geometry = joined;
    else {
      this.close();
      this.open.geometry = next;
    }
  }

  /** Pixels can move after a step that treats each alone, if none is invented that the step did not see. */
  private movable(next: Geometry): boolean {
    if (this.open.steps.length === 0) return true;
    const pure = this.open.steps.every((step) => step.kind !== 'row' || PLACELESS.has(step.name));
    return pure && isExact(next) && (next.border !== 'constant' || isInside(next));
  }

  /** One table a channel, or a function of 0..255 for all three. */
  lookUp(tables: Tables | ((value: number) => number)): void {
    this.refuseAfterNormalize('colour');
    const next = typeof tables === 'function' ? tableOf(tables) : tables;
    const last = this.open.steps.at(-1);
    if (last?.kind === 'table' && this.fuse) {
      this.open.steps[this.open.steps.length - 1] = { kind: 'table', tables: chain(last.tables, next) };
    } else this.add({ kind: 'table', tables: next });
  }

  /** A change of each row that no table can express. */
  row(name: string, run: RowStep, value?: number): void {
    this.refuseAfterNormalize('colour');
    this.add({ kind: 'row', name, run, value });
  }

  /** A table that depends on the mean luma of the image at this point. */
  fromMeanLuma(then: (mean: number) => Tables): void {
    this.refuseAfterNormalize('colour');
    this.close();
    this.open.steps.push({ kind: 'meanLuma', then });
  }

  /** Fills a rectangle; after `normalize` in the units of the batch, before it in 0..255. */
  fill(patch: Patch): void {
    if (this.scale) {
      this.patches.push(patch);
      return;
    }
    if (patch.colour?.some((v) => !(v >= 0 && v <= 255))) {
      throw new RxaugError(
        `${expected('fill', 'a colour in 0..255 before normalize', patch.colour)}; put it after normalize to fill in the units of the batch`,
      );
    }
    this.add({ kind: 'row', name: 'fill', run: fillPatch(patch) });
  }

  /** (value/255 − mean)/std on the way into the batch. */
  normalize(mean: readonly number[], std: readonly number[]): void {
    this.refuseAfterNormalize('normalize');
    this.scale = scaleOf(mean, std);
  }

  finish(): Plan {
    const { width, height, scale, patches } = this;
    const passes = [...this.passes, this.open];
    return { passes, width, height, scale: scale ?? PLAIN, normalized: scale !== undefined, patches };
  }

  private add(step: Step): void {
    if (!this.fuse) this.close();
    this.open.steps.push(step);
  }

  private close(): void {
    if (this.open.steps.length > 0 || !isWhole(this.open.geometry)) this.passes.push(this.open);
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

const PLAIN = scaleOf();

/** Row steps that do the same to a pixel wherever it stands. */
const PLACELESS = new Set(['saturate', 'hue']);

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
export const isWhole = ({ matrix, width, height, window: [, , x1, y1] }: Geometry): boolean =>
  matrix === IDENTITY && width === x1 && height === y1;
