/**
 * Renders a plan in plain TypeScript, row by row: the reference whose bytes `Engine` must equal.
 */
import {
  fillWritten,
  lookUp,
  luma,
  type Raster,
  type RowStep,
  sampler,
  type Target,
  weightedSum,
  writeRow,
  writeTable,
} from '../../kernels/index.js';
import type { Blend, Filter, Pass, Plan, Step } from './plan.js';
import { plainTools } from './tools.js';

export class Executor {
  private row = new Uint8Array(0);
  /** Two whole images that passes read and write in turn. */
  private readonly images = [new Uint8Array(0), new Uint8Array(0)];
  /** One for each branch of a blend. */
  private readonly branches: Executor[] = [];

  run(plan: Plan, image: Raster, target: Target): void {
    const table = writeTable(plan.scale);
    const source = this.through(plan.passes.slice(0, -1), image);
    const last = plan.passes.at(-1) as Pass;
    const row = this.rowOf(3 * last.geometry.width);
    this.rows(
      last,
      source,
      () => row,
      (y) => writeRow(target, table, y, row),
    );
    for (const patch of plan.patches) fillWritten(target, patch);
  }

  /** The image after some passes; it lasts until the next call. */
  private through(passes: readonly Pass[], image: Raster): Raster {
    let source = image;
    passes.forEach((pass, i) => {
      const { width, height } = pass.geometry;
      const data = this.image(i % 2, 3 * width * height);
      this.rows(pass, source, (y) => data.subarray(3 * width * y, 3 * width * (y + 1)));
      source = { data, width, height };
    });
    return source;
  }

  private rows(pass: Pass, image: Raster, at: (y: number) => Uint8Array, leave?: (y: number) => void): void {
    let source = image;
    if (pass.filter) source = filtered(pass.filter, source);
    if (pass.blend) source = this.blended(pass.blend, source);
    const sample = sampler(source, pass.geometry);
    const steps = pass.steps.map((step) => runnable(step, source));
    for (let y = 0; y < pass.geometry.height; y++) {
      const row = at(y);
      sample(y, row);
      for (const step of steps) step(row, y);
      leave?.(y);
    }
  }

  private blended({ branches, weights }: Blend, source: Raster): Raster {
    const { width, height } = source;
    const rows = branches.map((passes, k) => {
      this.branches[k] ??= new Executor();
      return this.branches[k].through(passes, source).data;
    });
    const data = new Uint8Array(3 * width * height);
    weightedSum(rows, weights, data);
    return { data, width, height };
  }

  private rowOf(bytes: number): Uint8Array {
    if (this.row.length < bytes) this.row = new Uint8Array(bytes);
    return this.row.length === bytes ? this.row : this.row.subarray(0, bytes);
  }

  private image(i: number, bytes: number): Uint8Array {
    if ((this.images[i] as Uint8Array).length < bytes) this.images[i] = new Uint8Array(bytes);
    return (this.images[i] as Uint8Array).subarray(0, bytes);
  }
}

function filtered({ run }: Filter, { data, width, height }: Raster): Raster {
  const input = Uint8Array.from(data.subarray(0, 3 * width * height));
  const output = new Uint8Array(input.length);
  run(input, output, width, height, plainTools);
  return { data: output, width, height };
}

function runnable(step: Step, source: Raster): RowStep {
  if (step.kind === 'row') return step.run;
  if (step.kind === 'table') return lookUp(step.tables);
  if (step.kind === 'meanLuma') return lookUp(step.then(meanLuma(source)));
  const counts = histogram(source);
  return lookUp(step.then(step.ends ? endsOf(counts) : counts));
}

/** Ones at the first and the last count of each channel that is not 0. */
function endsOf(counts: Int32Array): Int32Array {
  const ends = new Int32Array(768);
  for (let c = 0; c < 768; c += 256) {
    const channel = counts.subarray(c, c + 256);
    ends[c + channel.findIndex((n) => n > 0)] = 1;
    ends[c + channel.findLastIndex((n) => n > 0)] = 1;
  }
  return ends;
}

/** Counts of each value by channel, [3, 256]. */
function histogram({ data, width, height }: Raster): Int32Array {
  const counts = new Int32Array(768);
  for (let i = 0; i < 3 * width * height; i++) counts[256 * (i % 3) + (data[i] as number)]!++;
  return counts;
}

/** The mean of the luma, rounded, as Pillow's ImageEnhance.Contrast takes it. */
function meanLuma({ data, width, height }: Raster): number {
  const end = 3 * width * height;
  let sum = 0;
  for (let i = 0; i < end; i += 3)
    sum += luma(data[i] as number, data[i + 1] as number, data[i + 2] as number);
  return Math.floor((3 * sum) / end + 0.5);
}
