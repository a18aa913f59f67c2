export {
  type Balanced,
  type BalancedClass,
  type BalanceOptions,
  type BalanceRows,
  balanceCopies,
  balanceSchema,
} from './balance.js';
export { type Deduped, type DedupeSource, type Duplicate, type DuplicateGroup, dedupe } from './dedupe.js';
export { type Hash, hashHex } from './measure/hashes.js';
export { type Measures, measure, measuredView } from './measure/measure.js';
export { type NearDuplicates, type NearOptions, nearDuplicates, nearSchema } from './near/near-duplicates.js';
export type { NearRows, Pairs } from './near/near-rows.js';
export { Thumbnails } from './near/thumbnails.js';
export { openSource, type SourceOptions } from './open-source.js';
export { type Scanned, scanImages } from './scan-images.js';
export { keyedSplit, type Split, type SplitOptions, splitGroups, splitSchema } from './split/split.js';
export type { Earlier, Merge, SplitRows } from './split/split-rows.js';
