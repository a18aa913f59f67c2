/** A row of the plan with its draws: those of its transforms, and those that bring it to its size. */
import {
  centerCrop,
  drawnSample,
  longestMaxSize,
  lower,
  ops,
  resize,
  type SampleOperator,
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
export function drawnRow(row: PlanRow, { seed, classes, transforms, rules }: Making): Sample {
  const { id, image, label, targets, copy, augmented } = row;
  const origin = { name: 'prepare', classes, seed };
  const fields = { id, index: tag(id), epoch: copy, progress: 0, image, label, targets, origin };
  const plain = new Sample(fields);
  const moved = augmented ? drawnBy(transforms, plain) : plain;
  return drawnBy(sized(rules, sizeAfter(moved, row)), moved);
}

/** An image that was made for a row, with the draws that bring it to its size. */
export function sizedSample(
  { id, label, copy }: PlanRow,
  made: Size & { readonly data: Uint8Array },
  { seed, classes, rules }: Making,
): Sample {
  const image = { kind: 'pixels' as const, channels: 3 as const, ...made };
  const origin = { name: 'prepare', classes, seed };
  const plain = new Sample({ id, index: tag(id), epoch: copy, progress: 0, image, label, origin });
  return drawnBy(sized(rules, made), plain);
}

const drawnBy = (operators: readonly SampleOperator[], sample: Sample): Sample =>
  operators.reduce((one, { transform }) => drawnSample(transform, one), sample);

interface Size {
  readonly width: number;
  readonly height: number;
}

let known: ReturnType<typeof ops> | undefined;

/** What the draws make of the size of an image. */
function sizeAfter({ recipe, targets }: Sample, { width, height }: Size): Size {
  if (recipe.length === 0) return { width, height };
  known ??= ops();
  return lower(recipe, width, height, known, true, targets?.boxes);
}

/** Operators that bring an image of a size to the one asked for; none where it has that already. */
function sized({ size, fit }: Pick<Rules, 'size' | 'fit'>, now: Size): SampleOperator[] {
  if (size === undefined) return [];
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  if (fit === 'within') return Math.max(now.width, now.height) <= height ? [] : [longestMaxSize(height)];
  if (now.width === width && now.height === height) return [];
  if (fit === 'exact') return [resize({ size: [height, width] })];
  const factor = Math.max(height / now.height, width / now.width);
  const whole: [number, number] = [Math.round(now.height * factor), Math.round(now.width * factor)];
  return [resize({ size: whole }), centerCrop([height, width])];
}
