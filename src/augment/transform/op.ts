/** What renders draws. */
import type { z } from 'zod';
import type { Follow } from '../mix/mix-layers.js';
import type { PlanBuilder } from '../plan/plan.js';

type Json = Readonly<Record<string, unknown>>;

/** What renders draws of one kind: the half of a transform that worker threads need. */
export interface Op {
  readonly name: string;
  readonly params: z.ZodObject;
  /** The parameter that holds recipes of its own, if one does. */
  readonly recipes?: string;
  lower(params: Json, plan: PlanBuilder): void;
}

/** The pixels of a batch: `size` images of `stride` values each. */
export interface BatchPixels {
  readonly data: Uint8Array | Float32Array;
  readonly size: number;
  readonly height: number;
  readonly width: number;
  readonly layout: 'HWC' | 'CHW';
}

/** What renders draws of one batch transform: changes images and targets of a whole batch in place. */
export interface BatchOp {
  readonly name: string;
  readonly params: z.ZodObject;
  /** Changes the images in place. */
  apply(params: Json, pixels: BatchPixels): void;
  /** Changes the targets, [B, K], in place. */
  targets(params: Json, soft: Float32Array, pixels: Omit<BatchPixels, 'data'>): void;
  /** What masks, boxes and keypoints do. Without it, batches that have any are refused. */
  readonly follow?: Follow<Json>;
}
