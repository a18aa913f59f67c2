/** Plans in words. */
import {
  type Geometry,
  isAxisAligned,
  isExact,
  isInside,
  minification,
  type Warp,
} from '../../kernels/index.js';
import { isWhole, type Pass, type Plan } from './plan.js';

/** One pass of a plan in words, with the bytes that it reads and writes. */
export interface PassDescription {
  /** Why this is not part of the pass before: empty for the first. */
  readonly barrier?: string;
  /** What is done, in order. */
  readonly does: readonly string[];
  readonly reads: number;
  readonly writes: number;
}

/** A plan in words: sizes, passes and bytes. */
export interface PlanDescription {
  readonly input: readonly [width: number, height: number];
  readonly output: readonly [width: number, height: number];
  readonly passes: readonly PassDescription[];
  /** Bytes over all passes. */
  readonly reads: number;
  readonly writes: number;
}

/** Describes a plan for a decoded image of this size, written as float32 or uint8. */
export function describePlan(
  plan: Plan,
  width: number,
  height: number,
  dtype: 'float32' | 'uint8' = 'float32',
): PlanDescription {
  let [w, h] = [width, height];
  const passes = plan.passes.map((pass, i): PassDescription => {
    const last = i === plan.passes.length - 1;
    const { geometry, filter } = pass;
    const input = 3 * w * h;
    const pixels = geometry.width * geometry.height;
    const reads = (filter ? input : 0) + measured(pass, input) + seen(geometry, input);
    const writes = (filter ? input : 0) + (last ? 3 * pixels * (dtype === 'uint8' ? 1 : 4) : 3 * pixels);
    [w, h] = [geometry.width, geometry.height];
    const written = last ? writing(plan, dtype) : ['uint8 image'];
    return { ...(i > 0 && { barrier: barrier(pass) }), does: [...work(pass), ...written], reads, writes };
  });
  return {
    input: [width, height],
    output: [plan.width, plan.height],
    passes,
    reads: passes.reduce((sum, { reads }) => sum + reads, 0),
    writes: passes.reduce((sum, { writes }) => sum + writes, 0),
  };
}

/** A histogram or a mean costs one more read. */
function measured({ steps }: Pass, input: number): number {
  return steps.some(({ kind }) => kind === 'meanLuma' || kind === 'histogram') ? input : 0;
}

/** Bytes of the input that the output depends on: nothing outside a crop is read. */
function seen(geometry: Geometry | Warp, input: number): number {
  if ('kind' in geometry || !isInside(geometry)) return input;
  const { matrix: m, width, height } = geometry;
  const area = Math.abs(m[0] * m[4] - m[1] * m[3]) * width * height;
  return Math.min(input, Math.round(3 * area));
}

function barrier({ filter, geometry, steps }: Pass): string {
  if (filter) return `${filter.name} looks at neighbors`;
  const statistic = steps[0]?.kind;
  if (statistic === 'meanLuma') return 'needs the mean of the whole image';
  if (statistic === 'histogram') return 'needs the histogram of the whole image';
  return 'kind' in geometry || !isExact(geometry)
    ? 'a second resampling'
    : 'pixels move after something that depends on place';
}

function work({ filter, geometry, steps }: Pass): string[] {
  const moved = isWhole(geometry) ? [] : [sampling(geometry)];
  const changed = steps.map((step) => {
    if (step.kind === 'row') return step.name;
    return step.kind === 'table'
      ? 'table'
      : step.kind === 'meanLuma'
        ? 'table from the mean'
        : `${step.name} table`;
  });
  return [...(filter ? [filter.name] : []), ...moved, ...changed];
}

function sampling(geometry: Geometry | Warp): string {
  const size = `${geometry.width}×${geometry.height}`;
  if ('kind' in geometry) return `warp to ${size} (${geometry.interpolation})`;
  if (isExact(geometry)) return `copy pixels to ${size}`;
  if (geometry.interpolation === 'nearest') return `nearest pixel to ${size}`;
  if (!isAxisAligned(geometry) || !isInside(geometry)) return `affine to ${size} (bilinear)`;
  const shrinks = geometry.antialias && minification(geometry) > 1;
  const kind = geometry.interpolation;
  return `crop and resize to ${size} (${!shrinks ? kind : kind === 'bilinear' ? 'antialiased' : `${kind}, antialiased`})`;
}

function writing({ normalized, patches }: Plan, dtype: string): string[] {
  const write = `${normalized ? 'normalize into' : 'write'} ${dtype}`;
  return patches.length > 0 ? [write, `erase ${patches.length}`] : [write];
}
