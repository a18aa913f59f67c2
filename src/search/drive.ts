/** One independent search: its strategy proposes and learns, its journal keeps every step. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool, RunOptions } from '../core/children/pool.js';
import { RxaugError, show, showNames, UsageError } from '../core/index.js';
import { toJson } from '../core/json.js';
import { type Fence, fencedStore } from './fence.js';
import type { SearchRun } from './result.js';
import { type Candidate, type Scored, WORST } from './strategies/strategy.js';
import {
  type Concluded,
  type Diverged,
  isDiverged,
  type Result,
  type SearchTask,
  type Task,
} from './tasks.js';

export interface Driving {
  readonly pool: Pool<Task, Result>;
  readonly of: SearchTask;
  /** Its number, from 1. */
  readonly nth: number;
  /** Scores share something that takes long to make: all are computed in one place. */
  readonly together: boolean;
  /** Whether no more candidates may be begun: the time of the search is used up. */
  overdue(): boolean;
  readonly fence: Fence;
  /** Called when it was cut short, when trainings diverged, and with the notes of the strategy. */
  note(sentence: string): void;
  status(line: string, share: number): void;
}

/** What a step gave, as the journal holds it, and its seconds. */
interface Step {
  readonly value: unknown;
  readonly seconds: number;
  readonly [name: string]: unknown;
}

/** Names of candidates are parts of file names. */
const NAME = /^[\w.-]+$/;

/**
 * Runs a search to its end. Every proposal, score and conclusion is written to a journal in `dir` once it is there, so
 * a search that was interrupted goes on from it: what is written is never computed again.
 *
 * @returns undefined if it was stopped
 */
export async function driveSearch(driving: Driving): Promise<SearchRun | undefined> {
  const { pool, of, nth, together, note } = driving;
  const journal = fencedStore(join(of.dir, 'journal'), driving.fence);
  let seconds = 0;
  const step = async (name: string, about: Readonly<Record<string, unknown>>, task: Task, slot?: number) => {
    const known = journal.finished<Step>(name, about);
    if (known) {
      seconds += known.seconds;
      return known.value;
    }
    let began = performance.now();
    const options: RunOptions = {
      name: `search ${nth}, ${name}`,
      slot,
      started: () => {
        began = performance.now(); // the time in which it waited is that of others
      },
      progress: (line, share) => driving.status(`search ${nth}: ${line}`, share),
    };
    const value = await pool.run(task, options);
    if (value === undefined) return undefined;
    const taken = (performance.now() - began) / 1000;
    journal.finish(name, about, { value, seconds: taken });
    seconds += taken;
    return value;
  };

  const history: Scored[] = [];
  for (let round = 1; ; round++) {
    const about = { scored: history.map(({ name, score }) => [name, score]) };
    // Decided once: a search that is resumed must not go on where it was cut, nor be cut where it went on.
    const cut = journal.finished<Step>(`cut-${round}`, about);
    if (cut || (history.length > 0 && !journal.finished(`propose-${round}`, about) && driving.overdue())) {
      if (!cut) journal.finish(`cut-${round}`, about, { value: true, seconds: 0 });
      note(
        `search ${nth}: its time was over after ${history.length} scores; the policy is concluded from them`,
      );
      break;
    }
    const proposed = await step(`propose-${round}`, about, { kind: 'propose', of, history }, nth - 1);
    if (proposed === undefined) return undefined;
    const candidates = proposed as readonly Candidate[];
    if (candidates.length === 0) break;
    checkNames(candidates, history);
    const scores = await Promise.all(
      candidates.map(async (candidate) => {
        const task: Task = { kind: 'score', of, candidate };
        const score = await step(
          `score-${candidate.name}`,
          { candidate },
          task,
          together ? nth - 1 : undefined,
        );
        const own = join(of.dir, candidate.name);
        if (score !== undefined) rmSync(own, { recursive: true, force: true, maxRetries: 5 });
        return score as number | Diverged | undefined;
      }),
    );
    for (const [i, candidate] of candidates.entries()) {
      const score = scores[i];
      if (score === undefined) return undefined;
      if (isDiverged(score)) {
        history.push({ ...candidate, score: WORST, diverged: score.diverged });
        continue;
      }
      if (typeof score !== 'number')
        throw new RxaugError(
          `search: score of ${show(candidate.name)}: expected a number but received ${show(score)}`,
        );
      history.push({ ...candidate, score });
    }
  }
  const diverged = history.filter((one) => one.diverged !== undefined);
  if (diverged.length > 0) note(divergedWords(nth, diverged, history.length));
  const about = { scored: history.map(({ name, score }) => [name, score]) };
  const concluded = await step('conclude', about, { kind: 'conclude', of, history }, nth - 1);
  if (concluded === undefined) return undefined;
  const { policy, trace, moved, withoutGradient, atStart = [], notes = [] } = concluded as Concluded;
  for (const sentence of notes) note(`search ${nth}: ${sentence}`);
  const own = diverged.find((one) => toJson(one.policy) === toJson(policy));
  if (own)
    note(
      `search ${nth}: the training of ${show(own.name)} diverged, and its policy is the one that was found`,
    );
  return {
    ...{ seed: of.seed, policy, seconds, trace, ...(moved !== undefined && { moved }), withoutGradient },
    ...(atStart.length > 0 && { atStart }),
    ...(diverged.length > 0 && { diverged: diverged.length }),
  };
}

/**
 * How many candidates diverged, and which.
 *
 * @throws RxaugError if all did: then no score says anything
 */
function divergedWords(nth: number, diverged: readonly Scored[], scored: number): string {
  const how = diverged[0]?.diverged;
  if (diverged.length === scored)
    throw new RxaugError(
      `search ${nth}: all ${scored} short trainings diverged (${how}); lower trial.learningRate, and search into another folder`,
    );
  const names = showNames(diverged.map(({ name }) => name));
  return `search ${nth}: ${diverged.length} of ${scored} short trainings diverged and count as the worst: ${names} (${how})`;
}

/** Names are unique in a search and fit for files; strategies may be a user's. */
function checkNames(candidates: readonly Candidate[], history: readonly Scored[]): void {
  const seen = new Set(history.map(({ name }) => name));
  for (const { name } of candidates) {
    if (!NAME.test(name))
      throw new UsageError(
        `strategy: expected names of candidates of letters, digits, '-', '_' and '.' but received ${show(name)}; rename it`,
      );
    if (seen.has(name))
      throw new UsageError(
        `strategy: ${show(name)} was proposed twice; give each candidate a name of its own`,
      );
    seen.add(name);
  }
}
