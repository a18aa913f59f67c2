/** Pictures of policies: the same few images under each, rendered by the engine that renders for training. */
import {
  centerCrop,
  drawnSample,
  resize,
  type SampleOperator,
  smallestMaxSize,
} from '../../augment/index.js';
import { BadSampleError, type Dataset, keyOf, permuted, RxaugError, Sample } from '../../core/index.js';
import { encodeImage } from '../../io/encode.js';
import { contactSheet, type Picture } from '../../report/contact-sheet.js';
import { renderOnce } from '../../stream/render-once.js';
import { underNetwork } from '../network/pictures.js';
import type { PolicySetting } from '../policy/policy.js';
import { counted } from './words.js';

/** The images under a policy, as a PNG of one row; under a policy without sub-policies, as they are. */
export type PolicyPicture = (policy: PolicySetting) => Promise<Uint8Array>;

export interface PictureOptions {
  /** A policy as an operator of samples: `(policy) => operatorOf(space, policy)`. */
  readonly operator: (policy: PolicySetting) => SampleOperator;
  /** Side that images have under the policy. */
  readonly size: number;
  readonly seed?: number;
  /** How many images. */
  readonly count?: number;
  /** URLs of modules of plugins whose transforms are used. */
  readonly modules?: readonly string[];
}

/** Pixels a side that a picture has at most. */
const LARGEST = 96;

/**
 * Chooses images from all over a data set, and returns what renders them. Larger ones are cropped to a square in the middle
 * before the policy; images that cannot be read are replaced by others.
 *
 * @returns `picture`, and a `caption` that says what it shows
 * @throws RxaugError if no image can be read
 *
 * @example
 * const space = searchSpace({ only: ['rotate'] });
 * const { picture } = await picturing(await openImageFolder('photos'), {
 *   operator: (policy) => operatorOf(space, policy),
 *   size: 32,
 *   count: 4,
 * });
 * const png = await picture(randomPolicy(space, keyOf(0)));
 * png[1] === 'P'.charCodeAt(0) // → true
 */
export async function picturing(
  dataset: Dataset,
  { operator, size, seed = 0, count = 8, modules = [] }: PictureOptions,
): Promise<{ readonly picture: PolicyPicture; readonly caption: string }> {
  const before = [smallestMaxSize(size), centerCrop(size)];
  const after = size > LARGEST ? [resize(LARGEST)] : [];
  const origin = { name: dataset.name, classes: dataset.classes, seed };
  const render = async (index: number, own: readonly SampleOperator[]): Promise<Picture> => {
    const start = new Sample({ ...dataset.item(index), index, epoch: 0, progress: 1, origin });
    const steps = [...before, ...own, ...after];
    const sample = steps.reduce((drawn, { transform }) => drawnSample(transform, drawn), start);
    const { data, width, height } = await renderOnce(sample, { modules });
    if (data instanceof Uint8Array) return { data, width, height };
    throw new RxaugError(
      'pictures: expected uint8 pixels but received normalized ones; take normalize() out of the space',
    );
  };

  const chosen: number[] = [];
  let unread = 0;
  for (let i = 0; i < dataset.length && chosen.length < count; i++) {
    const index = permuted(keyOf(seed), dataset.length, i);
    try {
      await render(index, []);
      chosen.push(index);
    } catch (error) {
      if (!(error instanceof BadSampleError)) throw error;
      unread++;
    }
  }
  if (chosen.length === 0)
    throw new RxaugError(
      `pictures: expected images in ${dataset.name} but none of ${dataset.length} can be read; check the files`,
    );
  const sorted = chosen.sort((a, b) => a - b);
  return {
    async picture(policy) {
      const own = policy.subPolicies.length > 0 ? [operator(policy)] : [];
      const cells: Picture[] = [];
      for (const index of sorted) cells.push(await render(index, own));
      const shown = policy.network ? await underNetwork(policy.network.saved, cells) : cells;
      const sheet = contactSheet(shown, { columns: cells.length, scale: 1, gap: 2 });
      return encodeImage(sheet, 'png');
    },
    caption: `${counted(sorted.length, 'image')} of ${dataset.name}, first as they are, then the same ones under each sub-policy as it was drawn once, without the operators below the policy${
      unread > 0 ? `; ${counted(unread, 'image')} that cannot be read passed over` : ''
    }.`,
  };
}
