/**
 * A folder of classes, or WebDataset shards, as training data: filtered, split without leaks, augmented, resized, sharded:
 *
 *   npx rxaug prepare pipelines/prepare.ts --set data=photos --out data/photos
 *   npx rxaug verify data/photos
 */
import {
  batch,
  definePipeline,
  horizontalFlip,
  imageFolder,
  policy,
  randomResizedCrop,
  resize,
  type SampleOperator,
  UsageError,
  webdataset,
} from 'rxaug';
import { openSource } from 'rxaug/prepare';

const settings = {
  /** A folder with one folder a class, or shards: `data/train-*.tar`. */
  data: '',
  /** Side in pixels; 0: sizes stay. */
  size: 224,
  /** Samples of each training image; all but the first are augmented. */
  copies: 1,
  /** How copies are augmented: '' for crops and mirror images, else a policy: 'trivial', 'found.json'. */
  policy: '',
  /** Shares by the name of the split. */
  split: 'train:0.9,val:0.1',
  /** Samples of a shard. */
  shardSize: 1000,
  /** webdataset, parquet, mds, folder or raw. */
  format: 'webdataset',
  /** 'group' keeps near-duplicates in one split, 'drop' keeps one of each, 'ignore' does not look. */
  near: 'group',
  /** 'largest' brings small classes to the size of the largest; 'none'. */
  balance: 'none',
};
type S = typeof settings;

const shares = (text: string): Record<string, number> => {
  const parts = text.split(',').map((part): [string, number] => {
    const [name = '', share] = part.split(':');
    return [name.trim(), Number(share)];
  });
  const names = new Set(parts.map(([name]) => name));
  if (names.has('') || names.size < parts.length || !parts.every(([, share]) => share > 0))
    throw new UsageError(
      `--set split: expected name:share,… with each name once but received '${text}'; write train:0.9,val:0.1`,
    );
  return Object.fromEntries(parts);
};

const augment = (s: S): SampleOperator[] => {
  if (s.policy) return [policy(s.policy)];
  return s.size > 0 ? [randomResizedCrop(s.size), horizontalFlip()] : [horizontalFlip()];
};

const data = (s: S): string => {
  if (s.data) return s.data;
  throw new UsageError(
    '--set data: expected a folder of classes, or shards; give for example --set data=photos',
  );
};

/** Whether some images are written more than once: the first time as they are. */
function several({ copies, balance, policy }: S): boolean {
  const more = copies > 1 || balance !== 'none';
  if (policy && !more)
    throw new UsageError(
      `--set policy: '${policy}' augments copies, and there are none; add for example --set copies=2`,
    );
  return more;
}

export default definePipeline({
  name: 'prepare',
  description: 'Images into shards for training: filtered, split, augmented, resized',
  settings,

  prepare: ({ settings: s }) => ({
    source: openSource(data(s)),
    split: shares(s.split),
    copies: s.copies,
    balance: { to: s.balance as 'none' | 'largest' },
    augment: several(s) ? augment(s) : [],
    nearDuplicates: s.near as 'group' | 'drop' | 'ignore',
    ...(s.size !== 0 && { size: s.size }),
    shardSize: s.shardSize,
    format: s.format,
  }),

  batches: ({ settings: s, seed, workers }) => {
    const images$ = data(s).endsWith('.tar') ? webdataset(data(s), { seed }) : imageFolder(data(s), { seed });
    return images$.pipe(resize(s.size || 224), batch(32, { workers }));
  },
});
