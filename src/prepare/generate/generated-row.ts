/** Which rows of a plan a generative model makes. */
import type { Rules } from '../definition.js';
import type { PlanRow } from '../plan/plan.js';
import { isGenerated } from './rules.js';

/** A row that would be augmented is generated where the coin says so. */
export function generatedRow(row: PlanRow, { generate }: Pick<Rules, 'generate'>, seed: number): PlanRow {
  if (!generate || !row.augmented || !isGenerated(generate, seed, row.id, row.copy)) return row;
  return { ...row, augmented: false, generated: true };
}
