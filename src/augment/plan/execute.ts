/**
 * Renders a plan in plain TypeScript, row by row: the reference that `Engine` must equal to the byte.
 */
import {
  fillWritten,
  lookUp,
  luma,
  type Raster,
  type RowStep,
  sampler,
  type Target,
  writeRow,
  writeTable,
} from '../../kernels/index.js';
import type { Plan, Step } from './plan.js';

export class Executor {
  private row = new Uint8Array(0);
  /** Two whole images that passes read and write in turn. */
  private readonly images = [new Uint8Array(0), new Uint8Array(0)];

  run(plan: Plan, image: Raster, target: Target): void {
    const table = writeTable(plan.scale);
    let source = image;
    plan.passes.forEach((pass, i) => {
      const { width, height } = pass.geometry;
      const sample = sampler(source, pass.geometry);
      const steps = pass.steps.map((step) => runnable(step, source));
      const last = i === plan.passes.length - 1;
      const out = last ? undefined : this.image(i % 2, 3 * width * height);
      const kept = this.rowOf(3 * width);
      for (let y = 0; y < height; y++) {
        const row = out ? out.subarray(3 * width * y, 3 * width * (y + 1)) : kept;
        sample(y, row);
        for (const step of steps) step(row, y);
        if (!out) writeRow(target, table, y, row);
      }
      if (out) source = { data: out, width, height };
    });
    for (const patch of plan.patches) fillWritten(target, patch);
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

function runnable(step: Step, source: Raster): RowStep {
  if (step.kind === 'row') return step.run;
  return lookUp(step.kind === 'table' ? step.tables : step.then(meanLuma(source)));
}

/** The mean of the luma, rounded, as Pillow's ImageEnhance.Contrast takes it. */
function meanLuma({ data, width, height }: Raster): number {
  const end = 3 * width * height;
  let sum = 0;
  for (let i = 0; i < end; i += 3)
    sum += luma(data[i] as number, data[i + 1] as number, data[i + 2] as number);
  return Math.floor((3 * sum) / end + 0.5);
}
