/** Images rendered at their own sizes by the workers, a few at a time, in the order that they were asked for. */
import type { Sample } from '../../core/index.js';
import { rowsOf } from '../../stream/renderer.js';
import type { Runner } from '../../stream/workers/runner.js';
import { acquireRunner } from '../../stream/workers/shared-pools.js';

/** Bytes of one image, which is encoded as a whole. */
const MOST_BYTES = 2 ** 30;

/** An image, or why there is none. */
export type Rendered =
  | { readonly data: Uint8Array; readonly width: number; readonly height: number }
  | { readonly reason: string };

export class FileRenderer {
  private readonly runner: Runner;

  constructor(workers: number) {
    this.runner = acquireRunner({ workers, modules: [], decoder: {}, hangSeconds: 60 });
  }

  /** uint8 [H, W, 3]. */
  async render({ id, image, recipe }: Sample): Promise<Rendered> {
    const rows = [{ id, image, recipe }];
    const { shapes, failures } = await this.runner.run({ kind: 'measure', rows });
    const shape = shapes?.[0];
    if (!shape) return { reason: failures[0]?.reason ?? `${id}: it has no size; remove it` };
    const { width, height } = shape;
    const bytes = 3 * width * height;
    if (bytes > MOST_BYTES)
      return {
        reason: `${id}: ${width}×${height} pixels are too many for one picture; give a smaller --size`,
      };
    const buffer = new SharedArrayBuffer(bytes);
    const slot = { buffer, fresh: true, dtype: 'uint8', layout: 'HWC', masks: [], width, height } as const;
    const done = await this.runner.run({ kind: 'render', slot, first: 0, rows });
    const [failure] = done.failures;
    return failure ? { reason: failure.reason } : { data: rowsOf(slot, 0, 1) as Uint8Array, width, height };
  }

  dispose(): void {
    this.runner.dispose();
  }
}
