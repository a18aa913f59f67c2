/** Targets of an image after its draws: boxes and keypoints as numbers, masks written into the batch. */
import {
  type Engine,
  eachPixelIn,
  maskPlan,
  moveBoxes,
  moveKeypoints,
  type Plan,
  PluginError,
  type Point,
  packIds,
  type Uncovered,
  unpackIds,
} from '../augment/index.js';
import {
  BadSampleError,
  type Boxes,
  type Keypoints,
  type MaskRef,
  type MovedTargets,
  masksOf,
  type NamedMask,
  RxaugError,
  type Targets,
} from '../core/index.js';
import type { Decoder } from '../io/decode/decode.js';
import type { Raster } from '../kernels/index.js';
import { boundIn, boundOf } from './mix/instances.js';

export interface Moving {
  readonly id: string;
  readonly targets: Targets;
  readonly plan: Plan;
  /** Of the decoded image, before any draw. */
  readonly width: number;
  readonly height: number;
}

/** Boxes and keypoints in the coordinates of the rendered image; `instances` is the bound of those in its masks. */
export function movedTargets(moving: Moving, engine: Engine, instances = 0): MovedTargets {
  const { id, targets, plan, width, height } = moving;
  const { boxes, keypoints } = targets;
  if (!boxes && !keypoints && !targets.refused) return instances > 0 ? { instances } : {};
  const bound = Math.max(instances, boundOf(targets));
  const refused = [...(targets.refused ?? [])];
  const refuse = (reason: string) => refused.push(`${id}: ${reason}`);
  const cover = coverOf(moving, engine);
  try {
    return {
      ...(boxes && {
        boxes: moveBoxes(boxes, plan.moves, width, height, { refuse, uncovered: cover?.uncovered }),
        format: boxes.format,
        rules: rulesOf(boxes),
      }),
      ...(keypoints && {
        keypoints: moveKeypoints(keypoints, plan.moves, width, height, cover?.covers),
      }),
      ...(refused.length > 0 && { refused }),
      ...(bound > 0 && { instances: bound }),
    };
  } catch (error) {
    throw named(id, error);
  }
}

/** The sample is added to errors of plugins elsewhere. */
function named(id: string, error: unknown): unknown {
  if (!(error instanceof RxaugError) || error instanceof PluginError) return error;
  const Kind = error instanceof BadSampleError ? BadSampleError : RxaugError;
  return new Kind(`${id}: ${error.message}`, { cause: error });
}

/** The masks of a sample; an error about one names the sample. */
export function namedMasks(targets: Targets, id: string): readonly NamedMask[] {
  try {
    return masksOf(targets);
  } catch (error) {
    throw named(id, error);
  }
}

/** Targets cannot follow draws inside a blend that move pixels: refused if the sample has targets. */
export function checkFollowed({ id, targets, plan }: Moving): void {
  const [op] = plan.unfollowed;
  if (op === undefined) return;
  const what = [
    ...namedMasks(targets, id).map(({ name }) => `mask '${name}'`),
    ...(targets.boxes ? ['boxes'] : []),
    ...(targets.keypoints ? ['keypoints'] : []),
  ];
  if (what.length === 0) return;
  throw new RxaugError(
    `${id}: expected nothing that moves pixels inside a blend (augMix) but received '${op}', which ${what.join(', ')} cannot follow; use augMix with operations that move no pixels`,
  );
}

const rulesOf = ({ minVisibility, minArea, minWidth, minHeight }: Boxes) => ({
  minVisibility,
  minArea,
  minWidth,
  minHeight,
});

/** A mask of the rendered image, [H, W] ids, into `out`; returns the bound of its instances. */
export function renderMask(
  { id, plan, width, height, targets }: Moving,
  mask: NamedMask,
  decoder: Decoder,
  engine: Engine,
  out: Uint8Array | Uint16Array,
): number {
  const { name, fill, ignore } = mask;
  const where = `${id}: mask '${name}'`;
  const ids = decoder.ids(mask.image, where);
  if (ids.width !== width || ids.height !== height) {
    throw new BadSampleError(
      `${where}: expected ${width}×${height} like its image but received ${ids.width}×${ids.height}; resize the mask without blending`,
    );
  }
  checkIds(ids.data, mask, where);
  const erased = targets.erased === 'hide' ? ignore : undefined;
  const raster = { data: packIds(ids.data), width, height };
  unpackIds(run(engine, maskPlan(plan, width, height, { fill, erased }), raster), out);
  return boundIn(mask, ids.data);
}

function run(engine: Engine, plan: Plan, raster: Raster): Uint8Array {
  const { width, height } = plan;
  const data = new Uint8Array(3 * width * height);
  engine.run(plan, raster, { data, width, height, dtype: 'uint8', layout: 'HWC' });
  return data;
}

function checkIds(data: Uint8Array | Uint16Array, mask: NamedMask, where: string): void {
  const { bits, classes, ignore, fill } = mask;
  const most = bits === 8 ? 255 : 65_535;
  if (classes === undefined && (data instanceof Uint8Array || bits === 16)) return;
  const limit = classes ?? most + 1;
  for (let i = 0; i < data.length; i++) {
    const id = data[i] as number;
    if (id < limit || (classes !== undefined && id <= most && (id === ignore || id === fill))) continue;
    const fix =
      classes !== undefined && id <= most
        ? `it has ${classes} classes: fix the mask, raise classes, or set ignore: ${id}`
        : 'give bits: 16';
    throw new BadSampleError(`${where}: expected ids in 0..${limit - 1} but received ${id}; ${fix}`);
  }
}

/** The pixels of the rendered image that erased areas cover, if they hide targets. */
function coverOf({ targets, plan, width, height }: Moving, engine: Engine) {
  if (targets.erased !== 'hide' || plan.holes.length === 0) return undefined;
  const blank = { data: new Uint8Array(3 * width * height), width, height };
  const covered = run(engine, maskPlan(plan, width, height, { erased: 1 }), blank);
  const { width: W, height: H } = plan;
  const at = (x: number, y: number) => covered[3 * (y * W + x)] === 1;
  const within = (v: number, size: number) => Math.min(size - 1, Math.max(0, Math.floor(v)));
  const uncovered: Uncovered = (outline) => {
    let [all, seen] = [0, 0];
    eachPixelIn(outline, W, H, (x, y) => {
      all++;
      if (!at(x, y)) seen++;
    });
    return all === 0 ? 1 : seen / all;
  };
  return { uncovered, covers: ([x, y]: Point) => at(within(x, W), within(y, H)) };
}

/** The targets of the rendered image, for later draws. */
export function targetsAfter(moving: Moving, decoder: Decoder, engine: Engine): Targets {
  checkFollowed(moving);
  const { targets, plan } = moving;
  const { width, height } = plan;
  const { boxes, keypoints, refused } = movedTargets(moving, engine);
  const masks = namedMasks(targets, moving.id).map((mask) => {
    const data = new (mask.bits === 16 ? Uint16Array : Uint8Array)(width * height);
    renderMask(moving, mask, decoder, engine, data);
    const { name, ...rest } = mask;
    return [name, { ...rest, image: { kind: 'ids', data, width, height } satisfies MaskRef }] as const;
  });
  return {
    ...(masks.length > 0 && { masks: Object.fromEntries(masks) }),
    ...(boxes && { boxes: { ...(targets.boxes as Boxes), items: boxes } }),
    ...(keypoints && { keypoints: { ...(targets.keypoints as Keypoints), items: keypoints } }),
    ...(targets.erased && { erased: targets.erased }),
    ...(refused && { refused }),
  };
}
