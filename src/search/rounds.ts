/** The trainings of all arms, pair by pair, as many as the budget has time for. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from '../core/children/pool.js';
import { replaceFile } from '../core/files/write-file.js';
import { toJson } from '../core/json.js';
import { type ArmTask, FOUND } from './arms.js';
import { type Fence, fencedStore } from './fence.js';
import { type Arm, type ArmRun, isOwn } from './result.js';
import type { Result, Task } from './tasks.js';
import type { TrialFigures } from './trial/run-trial.js';

export interface RoundsOptions {
  readonly pool: Pool<Task, Result>;
  /** Folder of the journal. */
  readonly dir: string;
  /** Arms of a pair, the found ones first. */
  arms(pair: number): readonly (ArmTask & { readonly search?: number })[];
  /** Pairs that were planned. */
  readonly planned: number;
  /** Pairs beyond which no round is added. */
  readonly most: number;
  /** Planned seconds of a round. */
  readonly roundSeconds: number;
  readonly fence: Fence;
  /** Seconds that may still be used: for a planned round, and for one more. */
  left(): { readonly planned: number; readonly more: number };
  note(sentence: string): void;
  status(line: string, share: number): void;
}

/** Which rounds were begun, and whether that was decided to be all. */
interface Begun {
  readonly pairs: number;
  readonly final: boolean;
}

/**
 * Trains every arm once a pair, side by side. Each training is written to the journal once it is finished and is never done
 * again. A planned round for which there is no time left is reported and left out; further rounds follow while they fit.
 *
 * @returns undefined if it was stopped
 */
export async function trainArms(options: RoundsOptions): Promise<readonly Arm[] | undefined> {
  const { pool, dir, planned, fence, note, status } = options;
  const journal = fencedStore(dir, fence);
  const file = join(dir, 'rounds.json');
  let begun: Begun = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { pairs: 0, final: false };
  const decide = (next: Begun) => {
    fence();
    begun = next;
    replaceFile(file, `${JSON.stringify(begun)}\n`);
  };
  const runs = new Map<string, ArmRun[]>(options.arms(0).map(({ name }) => [name, []]));
  const sharing = sharingOf(options.arms(0));
  const trainedIn = (pair: number) => options.arms(pair).filter(({ search = -1 }) => !sharing.has(search));
  const taken: number[] = [];
  let trained = 0;

  const mayBegin = (pair: number): boolean => {
    if (pair < begun.pairs) return true;
    if (begun.final) return false;
    const mean = taken.reduce((sum, one) => sum + one, 0) / taken.length;
    const round = taken.length > 0 ? (mean * trainedIn(pair).length) / pool.workers : options.roundSeconds;
    const { planned: seconds, more } = options.left();
    const fits = pair === 0 || (pair < options.most && round <= (pair < planned ? seconds : more));
    decide({ pairs: fits ? pair + 1 : pair, final: !fits });
    return fits;
  };
  function* tasks() {
    for (let pair = 0; mayBegin(pair); pair++) for (const arm of trainedIn(pair)) yield { pair, arm };
  }

  const queue = tasks();
  const all: Promise<boolean>[] = [];
  let serving = 0;
  // Workers may come while others train.
  const serveMore = () => {
    while (serving < pool.workers) {
      serving++; // first: it calls this again
      const one = serve();
      one.catch(() => {}); // it is awaited below
      all.push(one);
    }
  };
  const serve = async (): Promise<boolean> => {
    for (const { pair, arm } of queue) {
      const name = fileName(arm.name, arm.search, pair);
      const recipe = { arm, pair };
      let figures = journal.finished<TrialFigures & Readonly<Record<string, unknown>>>(name, recipe);
      if (!figures) {
        const folder = journal.begin(name, recipe);
        const { search: _, ...task } = arm;
        const title = `training ${trained + 1} of ${Math.max(planned, begun.pairs) * trainedIn(0).length}: ${arm.name}, pair ${pair + 1}`;
        const result = await pool.run(
          { kind: 'trial', arm: task, pair, dir: folder },
          {
            name: title,
            progress(_, share) {
              serveMore();
              status(title, share);
            },
          },
        );
        if (result === undefined) return false;
        figures = result as TrialFigures & Readonly<Record<string, unknown>>;
        journal.finish(name, recipe, figures);
      }
      trained++;
      taken.push(figures.seconds);
      const { accuracy, loss, trainAccuracy, seconds, diverged } = figures;
      const found = arm.name === FOUND && { search: arm.search };
      runs.get(arm.name)?.push({
        pair,
        ...found,
        accuracy,
        loss,
        trainAccuracy,
        seconds,
        ...(diverged !== undefined && { diverged }),
      });
    }
    return true;
  };
  serveMore();
  let ended: readonly boolean[] = [];
  while (ended.length < all.length) ended = await Promise.all(all);
  if (ended.includes(false)) return undefined;
  if (begun.pairs < planned)
    note(
      `pairs: ${planned} were planned but the budget had time for ${begun.pairs}; the search or the trainings took longer than measured`,
    );
  const found = runs.get(FOUND) ?? [];
  for (const [search, first] of sharing) {
    for (const run of found.filter((one) => one.search === first))
      found.push({ ...run, search, sharedWith: first });
    note(
      `searches ${first + 1} and ${search + 1} found the same policy: a pair has one training of it, which counts for both`,
    );
  }
  const order = (a: ArmRun, b: ArmRun) => a.pair - b.pair || (a.search ?? 0) - (b.search ?? 0);
  const arms = [...runs].map(([name, own]) => ({ name, runs: own.sort(order) }));
  for (const { name, runs: all } of arms) {
    const own = all.filter(isOwn);
    const diverged = own.filter((run) => run.diverged !== undefined);
    if (diverged.length > 0)
      note(
        `${name}: ${diverged.length} of ${own.length} trainings diverged and have no figures (${diverged[0]?.diverged})`,
      );
  }
  return arms;
}

/** Searches whose policy an earlier one found, each with that one: trained again, it would give the same figures. */
function sharingOf(arms: readonly (ArmTask & { readonly search?: number })[]): ReadonlyMap<number, number> {
  const first = new Map<string, number>();
  const sharing = new Map<number, number>();
  for (const { name, policy, search } of arms) {
    if (name !== FOUND || search === undefined) continue;
    const own = toJson(policy);
    const before = first.get(own);
    if (before === undefined) first.set(own, search);
    else sharing.set(search, before);
  }
  return sharing;
}

const fileName = (name: string, search: number | undefined, pair: number) =>
  `${name.replace(/\W+/g, '-')}${search === undefined ? '' : search + 1}-pair${pair + 1}`;
