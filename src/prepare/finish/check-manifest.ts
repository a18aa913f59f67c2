/** Whether a manifest says what the plan and the marks of its shards say, and whether its counts add up. */
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../core/index.js';
import type { Store } from '../../io/store/store.js';
import { type Done, isDone } from '../commit.js';
import { linesOf } from '../jsonl.js';
import type { LeftOut } from '../plan/kept.js';
import { doneFile, type Plan } from '../plan/plan.js';
import { REFUSED } from './lists.js';
import { MANIFEST, type Manifest, manifestOf } from './manifest.js';

export interface Fault {
  readonly file: string;
  readonly reason: string;
}

/** What is wrong with the manifest of a plan; the files of the shards are not looked at. */
export async function manifestFaults(store: Store, plan: Plan, manifest: Manifest): Promise<Fault[]> {
  const marks: Done[] = [];
  const faults: Fault[] = [];
  for (const shard of plan.shards) {
    const file = doneFile(shard);
    try {
      const mark = await isDone(store, plan, shard);
      if (mark) marks.push(mark);
      else faults.push({ file, reason: 'it is missing; restore it, or continue with --resume' });
    } catch (error) {
      faults.push({ file, reason: messageOf(error) });
    }
  }
  if (faults.length > 0) return faults;
  const expected: Manifest = JSON.parse(JSON.stringify(manifestOf(plan, marks, manifest.files)));
  const wrong = [...new Set([...Object.keys(expected), ...Object.keys(manifest)])].filter(
    (field) => !isDeepStrictEqual(fieldOf(expected, field), fieldOf(manifest, field)),
  );
  const again = 'have it written again with --resume';
  if (wrong.length > 0)
    return [
      { file: MANIFEST, reason: `its ${wrong.join(', ')} are not what its plan and shards say; ${again}` },
    ];
  const sentence = unbalanced(manifest) ?? (await unlisted(store, manifest));
  return sentence === undefined ? [] : [{ file: MANIFEST, reason: `${sentence}; ${again}` }];
}

const fieldOf = (of: object, field: string): unknown => (of as Readonly<Record<string, unknown>>)[field];

const total = (numbers: Iterable<number>): number => [...numbers].reduce((sum, n) => sum + n, 0);

/** Counts that do not add up, in words; undefined where all do. */
export function unbalanced({
  source,
  counts,
  refused,
  splits,
  shards,
}: Pick<Manifest, 'source' | 'counts' | 'refused' | 'splits' | 'shards'>): string | undefined {
  const left = total(Object.values(refused));
  const all = Object.values(splits);
  const sums: readonly (readonly [what: string, one: number, other: number])[] = [
    [
      'images of the source and those written that are not in it any more, against those written, left out and waiting',
      source.images + source.gone,
      counts.images + left + source.waiting,
    ],
    ['images, against those of its splits', counts.images, total(all.map(({ images }) => images))],
    ['samples, against those of its splits', counts.samples, total(all.map(({ samples }) => samples))],
    ['samples, against those of its shards', counts.samples, total(shards.map(({ samples }) => samples))],
  ];
  const odd = sums.find(([, one, other]) => one !== other);
  return odd && `its counts do not add up: ${odd[0]}: ${odd[1]} and ${odd[2]}`;
}

/** Reasons whose count is not the number of lines that the list has for them. */
async function unlisted(
  store: Store,
  { refused, counts, files }: Pick<Manifest, 'refused' | 'counts' | 'files'>,
): Promise<string | undefined> {
  if (!files.some(({ path }) => path === REFUSED)) return `it names no ${REFUSED}`;
  let lines: LeftOut[];
  try {
    lines = linesOf<LeftOut>(Buffer.from(await store.read(REFUSED)));
  } catch {
    return undefined; // its bytes are not those of the manifest, which is a fault where they are compared
  }
  const listed = new Map<string, number>();
  for (const { by } of lines) listed.set(by, (listed.get(by) ?? 0) + 1);
  const { 'not rendered': _, ...images } = refused;
  const counted = new Map(
    Object.entries({ ...images, ...(counts.lost > 0 && { 'not rendered': counts.lost }) }),
  );
  const odd = [...new Set([...listed.keys(), ...counted.keys()])].find(
    (by) => listed.get(by) !== counted.get(by),
  );
  return odd === undefined
    ? undefined
    : `it counts ${counted.get(odd) ?? 0} left out as '${odd}' and ${REFUSED} lists ${listed.get(odd) ?? 0}`;
}
