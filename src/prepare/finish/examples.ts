/** A few finished samples of each class as small pictures, for the report and its contact sheet. */
import { drawnSample, longestMaxSize, pipelineFromJson, type SampleOperator } from '../../augment/index.js';
import { BadSampleError } from '../../core/index.js';
import type { Store } from '../../io/store/store.js';
import type { Picture } from '../../report/contact-sheet.js';
import { renderOnce } from '../../stream/render-once.js';
import type { Done } from '../commit.js';
import type { Plan, PlanRow } from '../plan/plan.js';
import { rowsOf } from '../plan/rows.js';
import { drawnRow, type Making } from '../render/drawn-row.js';

/** Pixels of the longer side. */
const SIDE = 96;
const PER_CLASS = 4;
const MOST = 80;
/** Shards of a split that are looked through. */
const SHARDS = 4;

export interface Example extends Picture {
  readonly split: string;
  readonly label: string;
  readonly key: string;
}

/** The first samples of each class in the first shards of each split, but for those that were refused. */
export async function examplesOf(plan: Plan, done: readonly Done[], store: Store): Promise<Example[]> {
  const { rules, seed, schema } = plan;
  const { transforms } = pipelineFromJson(rules.transforms);
  const making: Making = { rules, transforms, seed, classes: schema.classes, labels: schema.labels };
  const found: Example[] = [];
  for (const split of Object.keys(plan.splits)) {
    const taken = new Map<string, number>();
    const most = Math.ceil(MOST / Object.keys(plan.splits).length);
    let here = 0;
    for (const shard of plan.shards.filter((one) => one.split === split).slice(0, SHARDS)) {
      const mark = done.find((one) => one.split === split && one.index === shard.index);
      const refused = new Set(mark?.refused.map(({ key }) => key));
      for (const row of await rowsOf(store, shard)) {
        const label = labelOf(row, schema.classes);
        const count = taken.get(label) ?? 0;
        if (here >= most || count >= PER_CLASS || refused.has(row.key)) continue;
        const picture = await thumbnail(row, making);
        if (!picture) continue;
        taken.set(label, count + 1);
        here++;
        found.push({ ...picture, split, label, key: row.key });
      }
    }
  }
  return found;
}

/** Undefined for an image that cannot be read any more. */
async function thumbnail(row: PlanRow, making: Making): Promise<Picture | undefined> {
  const shrink: SampleOperator = longestMaxSize(SIDE);
  const { targets: _, ...plain } = row;
  const sample = drawnSample(shrink.transform, drawnRow(plain, making));
  try {
    const { data, width, height } = await renderOnce(sample, {});
    return { data: data as Uint8Array, width, height };
  } catch (error) {
    if (error instanceof BadSampleError) return undefined;
    throw error;
  }
}

function labelOf({ label }: PlanRow, classes: readonly string[]): string {
  if (typeof label === 'number') return classes[label] ?? String(label);
  return classes[label.indexOf(Math.max(...label))] ?? 'mixed';
}
