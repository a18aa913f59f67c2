/** Transforms of whole batches. */
import type { z } from 'zod';
import {
  type Draw,
  Draws,
  isSchedule,
  type Key,
  parseOptions,
  type Registry,
  type Scheduled,
} from '../../core/index.js';
import type { BatchContext } from '../../core/lineage.js';
import { drawnBy } from '../plugin/guard.js';
import type { BatchOp, BatchPixels } from '../transform/op.js';
import type { Follow } from './mix-layers.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * What a batch transform knows when it draws: the size of the batch and of its images, and training progress.
 */
export type DrawContext = BatchContext;

/** A batch transform with its options: the half of an operator that draws. */
export interface BoundBatchTransform {
  readonly name: string;
  readonly options: Json;
  readonly ops: readonly BatchOp[];
  draw(key: Key, context: DrawContext): Draw[];
}

/**
 * What `defineBatchTransform` makes a batch transform of: options and parameters as zod schemas, how it draws, and
 * what it does to pixels and targets.
 */
export interface BatchTransformSpec<O extends z.ZodObject, P extends z.ZodObject> {
  readonly name: string;
  readonly options: O;
  readonly params: P;
  readonly shorthand?: (value: Scheduled) => z.input<O>;
  /** Undefined leaves the batch as it is. */
  readonly draw: (draws: Draws, options: z.output<O>, context: DrawContext) => z.input<P> | undefined;
  readonly apply: (params: z.output<P>, pixels: BatchPixels) => void;
  readonly targets: (params: z.output<P>, soft: Float32Array, pixels: Omit<BatchPixels, 'data'>) => void;
  /** What masks, boxes and keypoints do; without it, batches that have any are refused. */
  readonly follow?: Follow<z.output<P>>;
}

/**
 * Makes a transform of whole batches, pixels and targets: drawn once per batch, applied in place, so no second
 * copy of the batch is needed. Pass what the factory returns to `asBatchOperator` for an operator.
 *
 * @throws {UsageError} by the factory, if an option is unknown or out of range
 * @example
 * const blank = defineBatchTransform({
 *   name: 'blank',
 *   options: z.strictObject({}),
 *   params: z.strictObject({}),
 *   draw: () => ({}),
 *   apply: (_, { data }) => void data.fill(0),
 *   targets: () => undefined,
 * });
 * asBatchOperator(blank()).transform.name // → 'blank'
 */
export function defineBatchTransform<O extends z.ZodObject, P extends z.ZodObject>(
  spec: BatchTransformSpec<O, P>,
) {
  const op: BatchOp = {
    name: spec.name,
    params: spec.params,
    apply: spec.apply as BatchOp['apply'],
    targets: spec.targets as BatchOp['targets'],
    ...(spec.follow && { follow: spec.follow as BatchOp['follow'] }),
  };
  const bind = (given: z.input<O> | Scheduled = {} as z.input<O>): BoundBatchTransform => {
    const short = typeof given === 'number' || isSchedule(given);
    const input = short && spec.shorthand ? spec.shorthand(given) : given;
    const options = parseOptions(spec.name, spec.options, input);
    return {
      name: spec.name,
      options: options as Json,
      ops: [op],
      draw(key, context) {
        const params = drawnBy(op, () => spec.draw(new Draws(key), options, context), true);
        return params === undefined ? [] : [{ op: spec.name, params }];
      },
    };
  };
  return Object.assign(bind, { op, spec });
}

export function applyBatchDraws(draws: readonly Draw[], pixels: BatchPixels, ops: Registry<BatchOp>): void {
  for (const { op, params } of draws) ops.get(op).apply(params, pixels);
}
