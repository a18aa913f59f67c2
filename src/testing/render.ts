/** Renders recipes over pictures in memory, and says how far apart two pictures are. */
import { Engine, Executor, ops as houseOps, lower, type Op } from '../augment/index.js';
import type { Dtype, Layout, Recipe, Registry } from '../core/index.js';

/** [H, W, 3] uint8. */
export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface RenderOptions {
  readonly ops?: Registry<Op>;
  readonly dtype?: Dtype;
  readonly layout?: Layout;
  /** False makes a pass of every operation, and runs it on the plain kernels. */
  readonly fuse?: boolean;
}

export interface Rendered {
  readonly data: Uint8Array | Float32Array;
  readonly width: number;
  readonly height: number;
  readonly passes: number;
}

let engine: Engine | undefined;
const executor = new Executor();

/** The picture after a recipe; what lies around its memory must stay as it was. */
export function render(recipe: Recipe, picture: Picture, options: RenderOptions = {}): Rendered {
  const { ops = houseOps(), dtype = 'uint8', layout = 'HWC', fuse = true } = options;
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

export interface Distance {
  /** Largest difference of two values. */
  readonly max: number;
  /** dB, for a range of 255; infinite where nothing differs. */
  readonly psnr: number;
}

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

/** True where every byte is the same. */
export function same(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return Buffer.compare(bytes(a), bytes(b)) === 0;
}

const bytes = (v: ArrayBufferView) => Buffer.from(v.buffer, v.byteOffset, v.byteLength);
