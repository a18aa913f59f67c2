/** A row of the plan with its draws: those of its transforms, and those that bring it to its size. */
import {
  centerCrop,
  drawnSample,
  longestMaxSize,
  resize,
  type SampleOperator,
  smallestMaxSize,
} from '../../augment/index.js';
import { Sample, tag } from '../../core/index.js';
import type { Rules } from '../definition.js';
import type { PlanRow } from '../plan/plan.js';

/** What rendering needs to know of the plan. */
export interface Making {
  readonly rules: Rules;
  readonly transforms: readonly SampleOperator[];
  readonly seed: number;
  readonly classes: readonly string[];
  /** False: images have no labels. */
  readonly labels: boolean;
}

/** Draws are keyed by seed, name of the image and number of the copy: other images change none of them. */
export function drawnRow(
  { id, image, label, targets, copy, augmented, width, height }: PlanRow,
  { seed, classes, transforms, rules }: Making,
): Sample {
  const origin = { name: 'prepare', classes, seed };
  const fields = { id, index: tag(id), epoch: copy, progress: 0, image, label, targets, origin };
  const plain = new Sample(fields);
  const moved = augmented ? drawnBy(transforms, plain) : plain;
  const untouched = moved.recipe.length === 0;
  return drawnBy(sized(rules, untouched ? { width, height } : undefined), moved);
}

const drawnBy = (operators: readonly SampleOperator[], sample: Sample): Sample =>
  operators.reduce((one, { transform }) => drawnSample(transform, one), sample);

/** Operators that bring an image to its size; none where it has that size already. */
function sized(
  { size, fit }: Pick<Rules, 'size' | 'fit'>,
  now?: { width: number; height: number },
): SampleOperator[] {
  if (size === undefined) return [];
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  if (fit === 'within') {
    const most = Math.max(height, width);
    if (now && Math.max(now.width, now.height) <= most) return [];
    return [longestMaxSize(most)];
  }
  if (now && now.width === width && now.height === height) return [];
  if (fit === 'exact') return [resize({ size: [height, width] })];
  return [smallestMaxSize(Math.max(height, width)), centerCrop([height, width])];
}
