/** Images that are in memory already, as a map-style data set. */
import { type Item, type Label, RxaugError, UsageError } from '../core/index.js';
import { checkClasses, LabelCheck, refused } from './classes.js';
import type { OpenedDataset } from './problems.js';

export interface Arrays {
  /** uint8 [N, H, W, C], values 0..255. On a SharedArrayBuffer it is used as it is; else it is copied to one, once. */
  readonly images: Uint8Array;
  /** [N] class numbers, or N distributions over the classes. */
  readonly labels: ArrayLike<number> | readonly Float32Array[];
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB, 4 RGB with alpha. */
  readonly channels?: 1 | 3 | 4;
  readonly classes: readonly string[];
  readonly name?: string;
}

const OWNER = 'arrays';

export function fromArrays({
  images,
  labels,
  width,
  height,
  channels = 3,
  classes,
  name = OWNER,
}: Arrays): OpenedDataset {
  const check = new LabelCheck(checkClasses(OWNER, classes));
  const size = width * height * channels;
  const count = images.length / size;
  if (!(width >= 1 && height >= 1) || ![1, 3, 4].includes(channels) || !Number.isInteger(count)) {
    throw new UsageError(
      `${OWNER}: expected N × height × width × channels bytes but received ${images.length} for ${height}×${width}×${channels}; give matching sizes`,
    );
  }
  if (count === 0) throw new UsageError(`${OWNER}: images is empty; give at least one image`);
  if (labels.length !== count) {
    throw new UsageError(
      `${OWNER}: expected ${count} labels, one an image, but received ${labels.length}; give one each`,
    );
  }
  const checked: Label[] = Array.from(labels as ArrayLike<number | Float32Array>, (raw, i) => {
    const label = check.check(raw);
    if (refused(label)) throw new RxaugError(`${OWNER}: image ${i}: ${label.reason}`);
    return label;
  });
  const pixels = images.buffer instanceof SharedArrayBuffer ? images : shared(images);
  return {
    name,
    classes: check.classes,
    length: count,
    problems: [],
    item(i: number): Item {
      const label = checked[i];
      if (label === undefined) throw new RangeError(`${OWNER}: there is no item ${i} among ${count}`);
      const data = pixels.subarray(i * size, (i + 1) * size);
      return { id: `${name}/${i}`, image: { kind: 'pixels', data, width, height, channels }, label };
    },
  };
}

/** A copy that worker threads can see. */
function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
