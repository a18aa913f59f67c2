/** What all samples of a source have in common. */
import { masksOf, RxaugError } from '../core/index.js';
import type { OpenedDataset } from '../io/index.js';
import type { OutputSchema } from '../io/write/output.js';

/** Readers give images without labels the one class 'unlabeled'. */
export const hasLabels = ({ classes }: OpenedDataset): boolean =>
  !(classes.length === 1 && classes[0] === 'unlabeled');

/** From its items, which are cheap. */
export function schemaOf(source: OpenedDataset, name: string): OutputSchema {
  const masks = new Set<string>();
  let [boxes, keypoints] = [false, false];
  for (let i = 0; i < source.length; i++) {
    const { targets } = source.item(i);
    if (!targets) continue;
    for (const mask of masksOf(targets)) masks.add(mask.name);
    boxes ||= targets.boxes !== undefined;
    keypoints ||= targets.keypoints !== undefined;
  }
  const boxClasses = boxes ? (source.boxClasses ?? namesUpTo(source)) : undefined;
  return {
    name,
    classes: source.classes,
    ...(boxClasses && { boxClasses }),
    masks: [...masks].sort(),
    keypoints,
    labels: hasLabels(source),
  };
}

/** Classes of boxes without names are called by their numbers. */
function namesUpTo(source: OpenedDataset): string[] {
  let most = -1;
  for (let i = 0; i < source.length; i++)
    for (const { label } of source.item(i).targets?.boxes?.items ?? []) most = Math.max(most, label);
  if (most >= 100_000)
    throw new RxaugError(`prepare: source: boxes have classes up to ${most} and no names; give their names`);
  return Array.from({ length: most + 1 }, (_, i) => String(i));
}
