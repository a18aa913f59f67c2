/** What lies on an image, after its draws: boxes and keypoints as numbers, the mask into the batch. */
import { type Engine, maskPlan, moveBoxes, moveKeypoints, type Plan } from '../augment/index.js';
import {
  BadSampleError,
  type Boxes,
  type Keypoints,
  type MovedTargets,
  type Targets,
} from '../core/index.js';
import type { Decoder } from '../io/decode.js';

export interface Moving {
  readonly id: string;
  readonly targets: Targets;
  readonly plan: Plan;
  /** Of the decoded image, before any draw. */
  readonly width: number;
  readonly height: number;
}

/** Boxes and keypoints in the coordinates of the rendered image. */
export function movedTargets({ id, targets, plan, width, height }: Moving): MovedTargets {
  const { boxes, keypoints } = targets;
  try {
    return {
      ...(boxes && { boxes: moveBoxes(boxes, plan.moves, width, height) }),
      ...(keypoints && { keypoints: moveKeypoints(keypoints, plan.moves, width, height) }),
    };
  } catch (error) {
    if (error instanceof BadSampleError) throw new BadSampleError(`${id}: ${error.message}`);
    throw error;
  }
}

/** The mask, [H, W] uint8, into `out`: nearest pixel, 255 for what was not in the image. */
export async function renderMask(
  { id, targets, plan, width, height }: Moving,
  decoder: Decoder,
  engine: Engine,
  out: Uint8Array,
): Promise<void> {
  if (!targets.mask) {
    out.fill(255);
    return;
  }
  const mask = await decoder.decode(targets.mask, undefined, `${id} (mask)`);
  if (mask.width !== width || mask.height !== height) {
    throw new BadSampleError(
      `${id}: expected a mask of ${width}×${height} like its image but received ${mask.width}×${mask.height}; resize the mask without blending`,
    );
  }
  const data = new Uint8Array(3 * plan.width * plan.height);
  const target = { data, width: plan.width, height: plan.height, dtype: 'uint8', layout: 'HWC' } as const;
  engine.run(maskPlan(plan, width, height), mask, target);
  for (let i = 0; i < out.length; i++) out[i] = data[3 * i] as number;
}

/** All of it as targets of the rendered image, for draws that are still to come. */
export async function targetsAfter(moving: Moving, decoder: Decoder, engine: Engine): Promise<Targets> {
  const { targets, plan } = moving;
  const { width, height } = plan;
  const { boxes, keypoints } = movedTargets(moving);
  const mask = targets.mask && new Uint8Array(width * height);
  if (mask) await renderMask(moving, decoder, engine, mask);
  return {
    ...(mask && { mask: { kind: 'pixels', data: mask, width, height, channels: 1 } as const }),
    ...(boxes && { boxes: { ...(targets.boxes as Boxes), items: boxes } }),
    ...(keypoints && { keypoints: { ...(targets.keypoints as Keypoints), items: keypoints } }),
  };
}
