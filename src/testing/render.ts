/** Renders recipes over pictures in memory, and compares pictures. */
import { ops as builtInOps, Engine, Executor, lower, type Op } from '../augment/index.js';
import type { Dtype, Layout, Recipe, Registry } from '../core/index.js';

/** [H, W, 3] uint8. */
export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Options of `render`. */
export interface RenderOptions {
  readonly ops?: Registry<Op>;
  readonly dtype?: Dtype;
  readonly layout?: Layout;
  /** Default true; false makes a pass of each operation and uses the plain kernels. */
  readonly fuse?: boolean;
}

/** A rendered picture: [H, W, 3], or [3, H, W] with layout 'CHW'; uint8, or float32 in [0, 1]. */
export interface Rendered {
  readonly data: Uint8Array | Float32Array;
  readonly width: number;
  readonly height: number;
  readonly passes: number;
}

let engine: Engine | undefined;
const executor = new Executor();

/**
 * Renders a recipe over a picture in memory, and checks that nothing outside the output was written.
 *
 * @param recipe draws, such as a transform's `draw` gives
 * @param picture uint8 [H, W, 3]; it is not changed
 * @param options `ops` (default: the built-in ones), `dtype` (default 'uint8'), `layout` (default 'HWC'), `fuse` (default
 * true; false makes a pass of each operation and uses the plain kernels)
 * @throws UsageError if a draw is of no known op; Error if memory outside the output was written
 *
 * @example
 * const draws = horizontalFlip({ p: 1 }).transform.draw(keyOf(0), 0);
 * const flipped = render(draws, picture(8, 6, 1));
 * same(render(draws, { ...flipped, data: flipped.data as Uint8Array }).data, picture(8, 6, 1).data) // → true
 */
export function render(recipe: Recipe, picture: Picture, options: RenderOptions = {}): Rendered {
  const { ops = builtInOps(), dtype = 'uint8', layout = 'HWC', fuse = true } = options;
  const plan = lower(recipe, picture.width, picture.height, ops, fuse);
  const { width, height } = plan;
  const size = 3 * width * height;
  const guarded = dtype === 'uint8' ? new Uint8Array(size + 2 * RIM) : new Float32Array(size + 2 * RIM);
  guarded.fill(MARK);
  const data = guarded.subarray(RIM, RIM + size);
  engine ??= new Engine();
  (fuse ? engine : executor).run(plan, picture, { data, width, height, dtype, layout });
  for (let i = 0; i < RIM; i++) {
    if (guarded[i] !== MARK || guarded[RIM + size + i] !== MARK) {
      throw new Error(`the render of ${JSON.stringify(recipe)} wrote outside its memory`);
    }
  }
  return { data, width, height, passes: plan.passes.length };
}

const RIM = 16;
const MARK = 77;

/** How far two pictures are apart. */
export interface Distance {
  /** Largest difference of two values. */
  readonly max: number;
  /** dB, for a range of 255; infinite if nothing differs. */
  readonly psnr: number;
}

/**
 * The largest difference of two lists of values, and their PSNR in dB for a range of 255: infinite if they are equal.
 * Lists of different lengths are infinitely far apart.
 *
 * @example
 * distance([0, 10], [0, 12]).max // → 2
 */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): Distance {
  if (a.length !== b.length) return { max: Number.POSITIVE_INFINITY, psnr: Number.NEGATIVE_INFINITY };
  let max = 0;
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs((a[i] as number) - (b[i] as number));
    if (!(d <= max)) max = d;
    sum += d * d;
  }
  return { max, psnr: sum === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10((255 * 255 * a.length) / sum) };
}

/**
 * Whether two arrays hold the same bytes.
 *
 * @example
 * same(Uint8Array.of(1), Uint8Array.of(1)) // → true
 */
export function same(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return Buffer.compare(bytes(a), bytes(b)) === 0;
}

const bytes = (v: ArrayBufferView) => Buffer.from(v.buffer, v.byteOffset, v.byteLength);
