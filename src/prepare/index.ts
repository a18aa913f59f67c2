export {
  type Balanced,
  type BalancedClass,
  type BalanceOptions,
  type BalanceRows,
  balanceCopies,
  balanceSchema,
} from './balance.js';
export { keyedSplit, type Split, type SplitOptions, splitGroups, splitSchema } from './split.js';
export type { Earlier, Merge, SplitRows } from './split-rows.js';
